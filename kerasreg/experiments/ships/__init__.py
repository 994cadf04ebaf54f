"""Ships and an oil slick in pictures of the sea."""

"""The compiled program that trains and evaluates many members at once, and the arrays it works on."""

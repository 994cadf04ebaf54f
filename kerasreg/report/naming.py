"""What things are called in the report."""

from kerasreg.records import SearchResult


def rows_word(result: SearchResult) -> str:
    """Returns what one row of the data is called."""
    cut = (result.data.get("code") or "").startswith("patches_split(")
    if cut or (result.reconstructions is not None and result.reconstructions.picture is not None):
        return "patch"
    return "image" if len(result.data["input_shape"]) > 1 else "row"

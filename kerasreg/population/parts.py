"""What a stacked program is made of."""

from kerasreg.checks import InvalidInput


class UnstackableModel(InvalidInput):
    """A model has a layer, loss or option that cannot be trained as a member of a population."""

"""Bounds on the number of training rows that a network of a given size needs."""

import math

from kerasreg.checks import check_fraction, check_whole_number


def one_hidden_layer_bound(num_weights: int, num_hidden: int, error: float) -> float:
    """Returns the lecture's number of training rows for one hidden layer: (w / ε) log2(h / ε).

    It is a short form of what Baum and Haussler prove. For a feedforward network of linear threshold
    units with N units and W weights, one output, and 0 < ε <= 1/8: if at least O((W / ε) log(N / ε))
    random rows are given, and the network classifies a fraction of at least 1 - ε / 2 of them correctly,
    then, with a confidence that approaches certainty, it classifies a fraction of 1 - ε of future rows
    from the same distribution correctly. So many rows suffice, whatever the distribution and however
    the weights were found. That so many are needed is not what it says. Their converse is
    smaller and for one hidden layer, fully connected: with fewer than Ω(W / ε) rows, every learning
    algorithm fails for some distributions, at least some fixed fraction of the time. Easy
    distributions, such as digits, need far fewer.

    The short form drops the constant, the condition on the training error and the threshold units, and
    counts hidden units where the theorem counts all. It is an order of magnitude.

    Args:
        num_weights: Weights w, biases included, at least 1.
        num_hidden: Hidden units h, at least 1.
        error: The error rate ε that is accepted on future rows, in (0, 1).

    Returns:
        A number of rows.

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        Baum and Haussler, What Size Net Gives Valid Generalization?, Neural Computation 1, 1989.
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague).

    Example:
    >>> one_hidden_layer_bound(1000, 8, 0.125)
    48000.0
    """
    check_whole_number("num_weights", num_weights)
    check_whole_number("num_hidden", num_hidden)
    check_fraction("error", error)
    return num_weights / error * math.log2(num_hidden / error)


def deeper_bound(num_weights: int, error: float) -> float:
    """Returns the lecture's number of training rows for more hidden layers: (w log2 w) / ε.

    The lecture has N = O((w log w) / ε), after the capacity (VC dimension) of networks of threshold
    units, which is O(w log w). An O fixes neither a constant nor the base of the logarithm: 1 and 2 are
    chosen here. For sigmoid units the capacity can be of the order of w² (Koiran and Sontag).

    Args:
        num_weights: Weights w, biases included, at least 1.
        error: The error rate ε that is accepted on future rows, in (0, 1).

    Returns:
        A number of rows.

    Raises:
        InvalidInput: If an argument is outside its range.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague).
        Koiran and Sontag, Neural Networks with Quadratic VC Dimension, NIPS 1995.

    Example:
    >>> deeper_bound(1024, 0.5)
    20480.0
    """
    check_whole_number("num_weights", num_weights)
    check_fraction("error", error)
    return num_weights * math.log2(num_weights) / error


def ten_rows_per_weight(num_weights: int) -> int:
    """Returns the number of training rows by the rule of thumb of ten for each weight.

    It is w / ε, without the logarithm, at an error rate ε of 0.1.

    Args:
        num_weights: Weights w, biases included, at least 1.

    Raises:
        InvalidInput: If `num_weights` is not a whole number of at least 1.

    Reference:
        Petříčková, Neural Networks 1, lecture 9 (Czech Technical University in Prague).

    Example:
    >>> ten_rows_per_weight(61)
    610
    """
    return 10 * check_whole_number("num_weights", num_weights)

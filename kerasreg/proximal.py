"""An L1 penalty that makes weights exactly zero: a proximal step after each update, for every optimizer."""

from contextvars import ContextVar
from typing import Any

import keras

from kerasreg.checks import InvalidInput, check_number

# The optimizer that is applying gradients, whose step the constraints ask for
_APPLYING: ContextVar["_Proximal | None"] = ContextVar("applying", default=None)

NO_STEP = (
    "ProximalL1 takes its step from the optimizer, and the model was compiled with one that does not tell "
    "it. Compile with kerasreg.proximal.proximal(optimizer)."
)


@keras.saving.register_keras_serializable(package="kerasreg")
class ProximalL1(keras.constraints.Constraint):
    """Penalizes weights by `strength * sum(|w|)`, by a proximal step after each update of the optimizer.

    Every weight moves towards zero by d * strength and stays at zero if it would pass it:
    w becomes sign(w) max(|w| - d * strength, 0). Here d is the step that the optimizer takes per unit of
    gradient, which adaptive optimizers choose for each weight (see `proximal`). At a minimum of
    loss + `strength * sum(|w|)` the two cancel, whatever d is: one `strength` means one objective under
    every optimizer.

    Keras applies a constraint after each update. The model must be compiled with an optimizer made by
    `proximal`, from which the constraint takes d.

    Args:
        strength: Factor of the penalty, at least 0.
        max_norm: Largest Euclidean norm of the weights afterwards, as in `keras.constraints.MaxNorm`, or
            `None` for no bound: a variable takes one constraint only.
        axis: The axis or axes over which this norm is taken.

    Raises:
        InvalidInput: If `strength` or `max_norm` is outside its range.

    Reference:
        Parikh and Boyd, "Proximal Algorithms", Foundations and Trends in Optimization 1, 2014, sections 4.2
        and 6.5.2. Yun, Lozano and Yang, "Adaptive Proximal Gradient Methods for Structured Neural Networks",
        NeurIPS 2021, arXiv:2007.07828.

    Example:
    >>> layer = keras.layers.Dense(1, kernel_constraint=ProximalL1(0.1))
    >>> model = keras.Sequential([keras.Input((4,)), layer])
    >>> model.compile(proximal(keras.optimizers.Adam(0.01)), loss="mse")
    """

    def __init__(self, strength: float, *, max_norm: float | None = None, axis: int | list[int] = 0) -> None:
        self.strength = check_number("strength", strength)
        self.max_norm = (
            None if max_norm is None else check_number("max_norm", max_norm, exclusive_minimum=True)
        )
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """Returns the weights after the step, of the shape they had.

        Raises:
            InvalidInput: If no optimizer made by `proximal` is applying gradients.
        """
        optimizer = _APPLYING.get()
        if optimizer is None:
            raise InvalidInput(NO_STEP)
        w = soft_threshold(w, optimizer.step_per_gradient(w) * self.strength)
        if self.max_norm is not None:
            w = keras.constraints.MaxNorm(self.max_norm, axis=self.axis)(w)
        return w

    def get_config(self) -> dict[str, Any]:
        """Returns what makes the same constraint again."""
        return {"strength": self.strength, "max_norm": self.max_norm, "axis": self.axis}


def soft_threshold(w: Any, threshold: Any) -> Any:
    """Returns sign(w) max(|w| - threshold, 0), the proximal operator of `threshold * |w|`.

    Args:
        w: An array of any shape.
        threshold: At least 0, of a shape that broadcasts to it.
    """
    w = keras.ops.convert_to_tensor(w)
    return keras.ops.sign(w) * keras.ops.relu(keras.ops.abs(w) - threshold)


class _Proximal:
    """What an optimizer needs for `ProximalL1`; mixed into Keras' optimizers."""

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Updates the variables, during which their constraints can ask for the step."""
        token = _APPLYING.set(self)
        try:
            super().apply(grads, trainable_variables)
        finally:
            _APPLYING.reset(token)

    def step_per_gradient(self, variable: keras.Variable) -> Any:
        """Returns how far the latest update moved each weight per unit of a lasting gradient."""
        step = self._step_per_gradient(variable) * keras.ops.cast(self.learning_rate, variable.dtype)
        if self.gradient_accumulation_steps:  # Keras applies constraints where it only accumulates, too
            updated = (self._iterations + 1) % self.gradient_accumulation_steps == 0
            step = step * keras.ops.cast(updated, variable.dtype)
        return step

    def _updates(self, variable: keras.Variable) -> Any:
        return keras.ops.cast(self.iterations + 1, variable.dtype)  # Keras counts an update at its end

    def _slot(self, slots: list[keras.Variable], variable: keras.Variable) -> Any:
        return keras.ops.convert_to_tensor(slots[self._get_variable_index(variable)])


@keras.saving.register_keras_serializable(package="kerasreg")
class ProximalSGD(_Proximal, keras.optimizers.SGD):
    """SGD for weights under `ProximalL1`; see `proximal`."""

    def _step_per_gradient(self, variable: keras.Variable) -> Any:
        return gathered(self.momentum, self._updates(variable) + self.nesterov)


@keras.saving.register_keras_serializable(package="kerasreg")
class ProximalRMSprop(_Proximal, keras.optimizers.RMSprop):
    """RMSprop for weights under `ProximalL1`; see `proximal`."""

    def _step_per_gradient(self, variable: keras.Variable) -> Any:
        square = self._slot(self._velocities, variable)
        if self.centered:
            square = square - keras.ops.square(self._slot(self._average_gradients, variable))
        scale = keras.ops.rsqrt(square + self.epsilon)
        return scale * gathered(self.momentum, self._updates(variable))


class _ProximalAdam(_Proximal):
    def _step_per_gradient(self, variable: keras.Variable) -> Any:
        squares = self._velocity_hats if self.amsgrad else self._velocities
        beta_2 = keras.ops.cast(self.beta_2, variable.dtype)
        unbiased = keras.ops.sqrt(1 - keras.ops.power(beta_2, self._updates(variable)))
        return unbiased / (keras.ops.sqrt(self._slot(squares, variable)) + self.epsilon)


@keras.saving.register_keras_serializable(package="kerasreg")
class ProximalAdam(_ProximalAdam, keras.optimizers.Adam):
    """Adam for weights under `ProximalL1`; see `proximal`."""


@keras.saving.register_keras_serializable(package="kerasreg")
class ProximalAdamW(_ProximalAdam, keras.optimizers.AdamW):
    """AdamW for weights under `ProximalL1`; see `proximal`."""


PROXIMAL = {
    keras.optimizers.SGD: ProximalSGD,
    keras.optimizers.RMSprop: ProximalRMSprop,
    keras.optimizers.Adam: ProximalAdam,
    keras.optimizers.AdamW: ProximalAdamW,
}


def proximal(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Returns a new optimizer with the same updates, which can train weights under `ProximalL1`.

    The proximal step of a weight uses d, the optimizer's own step per unit of gradient, as Yun et al. do.
    With learning rate a, after t updates:

    | optimizer | d |
    |---|---|
    | SGD | a |
    | SGD with momentum m | a (1 - m^t) / (1 - m); with Nesterov's m^(t + 1) |
    | RMSprop | a / sqrt(v + epsilon), times the factor of a momentum; centered v less the squared mean |
    | Adam, AdamW | a sqrt(1 - beta_2^t) / (sqrt(v) + epsilon) |

    Momentum takes the same gradient again and again, with weights whose sum is that factor, and so does the
    penalty. Adam's own momentum is a mean, whose weights sum to 1 after its correction for t.
    Weight decay is applied before the proximal step, as the optimizer applies it: of plain SGD the two
    are the elastic net, loss + strength * sum(|w|) + decay / 2 * sum(w**2). In no loss that Keras
    reports is the penalty included.

    Args:
        optimizer: A Keras SGD, RMSprop, Adam or AdamW, or one that `proximal` made.

    Raises:
        InvalidInput: If it is another, for which d is not known.

    Reference:
        Yun, Lozano and Yang, "Adaptive Proximal Gradient Methods for Structured Neural Networks", NeurIPS
        2021, arXiv:2007.07828, algorithm 1. Melchior, Joseph and Moolekamp, "Proximal Adam: Robust
        Adaptive Update Scheme for Constrained Optimization", 2019, arXiv:1910.10094.

    Example:
    >>> proximal(keras.optimizers.Adam(0.01, name="adam")).name
    'adam'
    """
    kind = type(optimizer)
    made = kind if kind in PROXIMAL.values() else PROXIMAL.get(kind)
    if made is None:
        raise InvalidInput(
            "proximal_l1 needs an optimizer whose step per unit of gradient is known: SGD, RMSprop, Adam or "
            f"AdamW; received {kind.__name__}. Use one of these, or l1."
        )
    return made.from_config(optimizer.get_config())


def gathered(momentum: Any, updates: Any) -> Any:
    """Returns the sum of `updates` terms 1 + momentum + momentum**2 + ..., for a momentum below 1."""
    return (1 - keras.ops.power(momentum, updates)) / (1 - momentum)

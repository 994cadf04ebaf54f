"""Every regularization knob of the package, in one value."""

from dataclasses import asdict, dataclass
from typing import Any

from kerasreg.checks import InvalidInput, check_number, check_one_of

NORMALIZATIONS = (None, "batch", "layer")


@dataclass(frozen=True, kw_only=True)
class Regularization:
    """What keeps a network from fitting the noise in its training data.

    The default of each knob is "off". The builders (`build_mlp`, `build_cnn`, `build_autoencoder`)
    say where in their networks each one acts.

    Args:
        l1: Factor of the L1 penalty, added to the loss as `l1 * sum(|w|)` over the kernels
            (never the biases). At least 0.
        l2: Factor of the L2 penalty, `l2 * sum(w**2)` over the kernels: Keras' convention, without
            the factor 1/2 of some texts. At least 0.
        proximal_l1: Factor of an L1 penalty that makes weights exactly zero, which `l1` never does: the
            gradient of `l1` steps over zero and back. After each update every weight of the kernels (never
            a bias) moves towards zero, by `proximal_l1` times the optimizer's own step per unit of gradient,
            and stays at zero if it would pass it. At least 0. One value means one objective,
            loss + `proximal_l1 * sum(|w|)`, under SGD, RMSprop, Adam and AdamW; other optimizers are
            refused. With plain SGD this is the proximal gradient method (ISTA), with Adam proximal Adam; see
            `kerasreg.proximal`. The penalty is in no loss that Keras reports. With `l1` beside it, both
            act; `max_norm` acts after it. Parikh & Boyd, Proximal Algorithms, 2014, sections 4.2 and
            6.5.2; Yun et al., NeurIPS 2021, arXiv:2007.07828.
        dropout: Fraction of the hidden units dropped at each training step, in [0, 1).
            Srivastava et al., JMLR 2014.
        dropconnect: Fraction of the weights of the hidden dense layers dropped at each training step,
            in [0, 1). Wan et al., ICML 2013.
        noise_std: Standard deviation of the Gaussian noise added to the input while training, in the
            units of the input. At least 0. Bishop, Neural Computation 1995.
        normalization: `None`, `"batch"` (Ioffe & Szegedy 2015) or `"layer"` (Ba et al. 2016), between
            each hidden layer's linear part and its activation.
        label_smoothing: Probability mass moved from the label to all classes evenly, in [0, 1).
            Szegedy et al., CVPR 2016, section 7.
        max_norm: Largest Euclidean norm of the weights coming into a unit, or `None` for no bound.
            Above 0. Srivastava et al. 2014, section 5.1.

    Raises:
        InvalidInput: If a value is outside its range.

    Example:
    >>> Regularization(l2=1e-4, dropout=0.3).active()
    {'l2': 0.0001, 'dropout': 0.3}
    """

    l1: float = 0.0
    l2: float = 0.0
    proximal_l1: float = 0.0
    dropout: float = 0.0
    dropconnect: float = 0.0
    noise_std: float = 0.0
    normalization: str | None = None
    label_smoothing: float = 0.0
    max_norm: float | None = None

    def __post_init__(self) -> None:
        for name in ("l1", "l2", "proximal_l1", "noise_std"):
            self._set(name, check_number(name, getattr(self, name)))
        for name in ("dropout", "dropconnect", "label_smoothing"):
            self._set(name, check_number(name, getattr(self, name), below=1.0))
        check_one_of("normalization", self.normalization, NORMALIZATIONS)
        if self.max_norm is not None:
            bound = check_number("max_norm", self.max_norm, exclusive_minimum=True)
            self._set("max_norm", bound)

    def _set(self, name: str, value: float) -> None:
        object.__setattr__(self, name, value)

    def active(self) -> dict[str, Any]:
        """Returns the knobs that are switched on, by name."""
        off = Regularization.__dataclass_fields__
        return {name: value for name, value in asdict(self).items() if value != off[name].default}

    def to_dict(self) -> dict[str, Any]:
        """Returns every knob by name, as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Regularization":
        """Makes a `Regularization` from what `to_dict` returned.

        Raises:
            InvalidInput: If a name is no knob, or a value is outside its range.
        """
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            accepted = ", ".join(cls.__dataclass_fields__)
            raise InvalidInput(f"Regularization has no knob {', '.join(unknown)}; its knobs are {accepted}.")
        return cls(**values)

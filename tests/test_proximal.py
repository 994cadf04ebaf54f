"""Proximal L1 makes exactly those weights zero that scikit-learn's Lasso does; subgradient L1 makes none."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import Lasso

from kerasreg import Regularization, Split, build_mlp
from kerasreg.checks import InvalidInput
from kerasreg.population import fit_population

RATE = 0.2
ALPHAS = (0.02, 0.1, 0.3)
ROWS = 60


def sparse_problem() -> Split:
    """Sixty rows of ten features, of which three matter."""
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 10)).astype(np.float32)
    y = (x[:, :3] @ [1.0, -0.5, 0.2] + 0.3 + 0.1 * random.normal(size=ROWS)).astype(np.float32)
    nothing = {"x_validation": x[:0], "y_validation": y[:0], "validation_indices": np.arange(0)}
    nothing |= {"x_test": x[:0], "y_test": y[:0], "test_indices": np.arange(0)}
    return Split(
        name="sparse", num_classes=None, x_train=x, y_train=y, train_indices=np.arange(ROWS), **nothing
    )


def lines(knob: str, factors, optimizer=None) -> list[keras.Model]:
    """Linear models whose loss is the mean squared error, trained to the end on whole batches."""
    models = [
        build_mlp(
            (10,),
            None,
            units=(),
            regularization=Regularization(**{knob: factor}),
            optimizer=optimizer or keras.optimizers.SGD(RATE),
        )
        for factor in factors
    ]
    fit_population(models, sparse_problem(), epochs=400, batch_size=ROWS)
    return models


def lasso(alpha: float) -> Lasso:
    """The minimiser of MSE / 2 + alpha * sum |w|, which is that of MSE + 2 alpha * sum |w|."""
    split = sparse_problem()
    return Lasso(alpha=alpha, tol=1e-10).fit(split.x_train.astype(float), split.y_train.astype(float))


@pytest.fixture(scope="module")
def proximal():
    return lines("proximal_l1", [2 * alpha for alpha in ALPHAS])


@pytest.mark.parametrize("place", range(len(ALPHAS)))
def test_with_plain_sgd_it_comes_to_the_lasso(proximal, place):
    kernel, bias = proximal[place].get_weights()
    expected = lasso(ALPHAS[place])
    np.testing.assert_allclose(kernel[:, 0], expected.coef_, atol=1e-5)
    np.testing.assert_allclose(bias, expected.intercept_, atol=1e-5)
    np.testing.assert_array_equal(kernel[:, 0] == 0, expected.coef_ == 0)
    assert (kernel == 0).any()


def test_subgradient_l1_comes_near_the_lasso_and_makes_no_weight_zero():
    for model, alpha in zip(lines("l1", [2 * alpha for alpha in ALPHAS]), ALPHAS, strict=True):
        kernel = model.get_weights()[0]
        # it steps over zero and back, by at most the rate times the factor on either side
        np.testing.assert_allclose(kernel[:, 0], lasso(alpha).coef_, atol=2 * RATE * 2 * alpha)
        assert not (kernel == 0).any()


def test_momentum_weakens_it_by_the_factor_that_the_documentation_gives():
    optimizer = keras.optimizers.SGD(RATE / 2, momentum=0.5)
    models = lines("proximal_l1", [4 * alpha for alpha in ALPHAS], optimizer)
    for model, alpha in zip(models, ALPHAS, strict=True):
        kernel = model.get_weights()[0][:, 0]
        np.testing.assert_allclose(kernel, lasso(alpha).coef_, atol=1e-5)
        np.testing.assert_array_equal(kernel == 0, lasso(alpha).coef_ == 0)


def test_a_learning_rate_schedule_is_refused():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 10)
    options = {"units": (3,), "optimizer": keras.optimizers.SGD(schedule)}
    build_mlp((10,), None, **options)  # without the knob it is taken
    with pytest.raises(InvalidInput) as error:
        build_mlp((10,), None, regularization=Regularization(proximal_l1=0.1), **options)
    assert str(error.value) == (
        "proximal_l1 needs a constant learning rate, by which its step is measured; received an "
        "optimizer with a learning rate schedule. Use a constant one, or l1."
    )

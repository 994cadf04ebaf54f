"""A program is compiled while its models are built, and used when they are."""

from kerasreg import Regularization, build_mlp, fit_population
from kerasreg.population import compile_ahead
from tests.helpers.populations import classes


def networks(count: int, **knobs: float) -> list:
    """Returns networks of one architecture that no other test has."""
    return [
        build_mlp((8,), 3, units=(9,), regularization=Regularization(dropout=0.1, **knobs), seed=seed)
        for seed in range(count)
    ]


def compiled_ahead(model, *, count: int) -> None:
    options = {"batch_size": 16, "monitor": "val_cross_entropy", "mode": "min"}
    compile_ahead(model, [classes()], count=count, **options).join()


def test_a_population_like_the_guess_compiles_nothing_more():
    models = networks(5)
    before = models[0].get_weights()
    compiled_ahead(models[0], count=5)
    assert all((old == new).all() for old, new in zip(before, models[0].get_weights(), strict=True))
    history = fit_population(models, classes(), epochs=2, batch_size=16)
    assert history.programs == 0
    assert [len(member.history) for member in history] == [2] * 5


def test_a_population_unlike_the_guess_compiles_its_own():
    models = networks(5, l2=0.01)
    compiled_ahead(networks(1)[0], count=5)
    assert fit_population(models, classes(), epochs=1, batch_size=16).programs == 1


def test_a_model_that_cannot_be_a_member_is_left_to_who_trains_it():
    model = networks(1)[0]
    model.compile(optimizer="nadam", loss="sparse_categorical_crossentropy")
    compiled_ahead(model, count=5)

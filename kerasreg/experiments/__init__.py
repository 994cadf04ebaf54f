"""The laboratory: one question a file, each answered by a record with every raw number in it."""

from kerasreg.lazy import lazy_exports

_HOME: dict[str, str] = {
    "compare_estimators": "kerasreg.experiments.cross_validation",
    "cross_validate": "kerasreg.experiments.cross_validation",
    "duplicate_harm": "kerasreg.experiments.near_duplicates",
    "nested_selection": "kerasreg.experiments.selection",
    "augmentation_gain": "kerasreg.experiments.augmentation",
    "capacity_grid": "kerasreg.experiments.capacity.experiment",
    "CapacityGrid": "kerasreg.experiments.capacity.record",
    "palette_experiment": "kerasreg.experiments.palette.experiment",
    "compare_survivors": "kerasreg.experiments.survivors",
    "penalty_path": "kerasreg.experiments.penalties",
    "strength_of_beta": "kerasreg.experiments.penalties",
    "with_penalised_biases": "kerasreg.experiments.penalties",
    "compare": "kerasreg.experiments.comparison",
    "overtraining": "kerasreg.experiments.early_stopping",
    "least_squares_quadratic": "kerasreg.experiments.early_stopping_theory.linear_network",
    "linear_network_equivalence": "kerasreg.experiments.early_stopping_theory.linear_network",
    "quadratic_descent": "kerasreg.experiments.early_stopping_theory.quadratic",
    "ridge_path": "kerasreg.experiments.early_stopping_theory.quadratic",
    "replay_patience": "kerasreg.experiments.patience_replay",
    "stopping_by": "kerasreg.experiments.patience_replay",
    "noise_in_the_network": "kerasreg.experiments.stochastic.network",
    "tikhonov_equivalence": "kerasreg.experiments.stochastic.tikhonov",
    "latent_map": "kerasreg.experiments.autoencoder_pca.codes",
    "nonlinear_gain": "kerasreg.experiments.autoencoder_pca.nonlinear",
    "principal_subspace": "kerasreg.experiments.autoencoder_pca.subspace",
    "chain_gradients": "kerasreg.experiments.vanishing_gradients.chain",
    "depth_gradients": "kerasreg.experiments.vanishing_gradients.experiment",
    "ChainGradients": "kerasreg.experiments.vanishing_gradients.chain_record",
    "DepthGradients": "kerasreg.experiments.vanishing_gradients.record",
    "draw_kernels": "kerasreg.experiments.vanishing_gradients.kernels",
    "commute": "kerasreg.experiments.convolution.filtering",
    "compare_filters": "kerasreg.experiments.convolution.filtering",
    "feature_maps": "kerasreg.experiments.convolution.layers",
    "filter_picture": "kerasreg.experiments.convolution.kernels",
    "filter_with_keras": "kerasreg.experiments.convolution.filtering",
    "find_ships": "kerasreg.experiments.convolution.ships",
    "fixed_convolution": "kerasreg.experiments.convolution.filtering",
    "layer_parameters": "kerasreg.experiments.convolution.layers",
    "outline_slick": "kerasreg.experiments.convolution.ships",
    "parameter_table": "kerasreg.experiments.convolution.layers",
    "pooling_example": "kerasreg.experiments.convolution.layers",
    "score_seas": "kerasreg.experiments.convolution.counting",
    "ship_counting": "kerasreg.experiments.convolution.counting",
}

__all__ = list(_HOME)

__getattr__, __dir__ = lazy_exports(__name__, _HOME)

"""The records that travel between the rooms: plain, frozen, and readable without TensorFlow."""

from kerasreg.records.augmentation_preview import AugmentationPreview
from kerasreg.records.cross_validation import EstimatorComparison
from kerasreg.records.duplicate_harm import DuplicateHarm
from kerasreg.records.fold_scores import FoldScores
from kerasreg.records.nested_selection import NestedSelection
from kerasreg.records.population_history import MemberHistory, PopulationHistory
from kerasreg.records.reconstructions import Reconstructions
from kerasreg.records.search_result import FORMAT_VERSION, SearchResult, TrialRecord
from kerasreg.records.split import Split
from kerasreg.records.training_history import TrainingHistory

__all__ = [
    "FORMAT_VERSION",
    "AugmentationPreview",
    "DuplicateHarm",
    "EstimatorComparison",
    "FoldScores",
    "MemberHistory",
    "NestedSelection",
    "PopulationHistory",
    "Reconstructions",
    "SearchResult",
    "Split",
    "TrainingHistory",
    "TrialRecord",
]

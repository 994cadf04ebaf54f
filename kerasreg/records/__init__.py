"""The records that travel between the rooms: plain, frozen, and readable without TensorFlow."""

from kerasreg.records.augmentation_preview import AugmentationPreview
from kerasreg.records.fold_scores import FoldScores
from kerasreg.records.population_history import MemberHistory, PopulationHistory
from kerasreg.records.reconstructions import Reconstructions
from kerasreg.records.search_result import FORMAT_VERSION, SearchResult, TrialRecord
from kerasreg.records.split import Split
from kerasreg.records.training_history import TrainingHistory

__all__ = [
    "FORMAT_VERSION",
    "AugmentationPreview",
    "FoldScores",
    "MemberHistory",
    "PopulationHistory",
    "Reconstructions",
    "SearchResult",
    "Split",
    "TrainingHistory",
    "TrialRecord",
]

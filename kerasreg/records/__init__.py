"""The records that travel between the rooms: plain, frozen, and readable without TensorFlow."""

from kerasreg.records.population_history import MemberHistory, PopulationHistory
from kerasreg.records.search_result import FORMAT_VERSION, SearchResult, TrialRecord
from kerasreg.records.split import Split
from kerasreg.records.training_history import TrainingHistory

__all__ = [
    "FORMAT_VERSION",
    "MemberHistory",
    "PopulationHistory",
    "SearchResult",
    "Split",
    "TrainingHistory",
    "TrialRecord",
]

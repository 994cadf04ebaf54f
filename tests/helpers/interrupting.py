"""Ctrl-C at a chosen moment of a search."""

import math

from kerasreg.tune.progress import Progress


class InterruptAfter(Progress):
    """Ctrl-C after so many trials or retrainings."""

    def __init__(self, trials=math.inf, retrainings=math.inf):
        self.trials, self.retrainings = trials, retrainings

    def trial_done(self, trial, result):
        if len(result.trials) == self.trials:
            raise KeyboardInterrupt

    def retraining_done(self, entry):
        self.retrainings -= 1
        if self.retrainings == 0:
            raise KeyboardInterrupt

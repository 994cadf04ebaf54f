"""Filter for TensorFlow's advice against retracing, where many networks are trained in turn."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_retracing_advice() -> Iterator[None]:
    """Keeps TensorFlow from advising against what is meant here.

    Each network compiles its own functions, as it must; after the fifth TensorFlow takes that for a
    mistake and logs how to avoid it. Every other message is let through.
    """

    def other_than_retracing(record: logging.LogRecord) -> bool:
        return "triggered tf.function retracing" not in record.getMessage()

    logger = logging.getLogger("tensorflow")
    logger.addFilter(other_than_retracing)
    try:
        yield
    finally:
        logger.removeFilter(other_than_retracing)

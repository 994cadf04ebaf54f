from importlib import import_module
from pathlib import Path

import kerasreg.experiments as room


def test_no_experiment_has_the_name_of_a_folder():
    """Importing a folder would replace the function of the same name."""
    folders = {path.stem for path in Path(room.__file__).parent.iterdir()}
    assert not folders & set(room.__all__)


def test_every_exported_name_stands_where_it_is_said_to():
    for name in room.__all__:
        assert getattr(import_module(room._HOME[name]), name) is getattr(room, name)

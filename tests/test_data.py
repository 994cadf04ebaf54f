import subprocess
import sys

import kerasreg.data


def test_importing_the_room_loads_neither_keras_nor_tensorflow():
    program = "import sys, kerasreg.data; print(sorted({'keras', 'tensorflow', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_name_it_promises_is_there():
    assert all(callable(getattr(kerasreg.data, name)) for name in kerasreg.data.__all__)

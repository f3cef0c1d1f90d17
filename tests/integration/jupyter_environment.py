"""JupyterLab from PyPI, in a virtual environment of the user's cache, made once."""
import os
import pathlib

from client_environment import make_environment

PACKAGES = ["jupyterlab==4.6.6"]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
ENVIRONMENT = CACHE / "scrim/jupyterlab" / PACKAGES[0].rpartition("=")[2]


def jupyter_folder():
    """The folder of its programs; skips the test where PyPI cannot be reached."""
    return make_environment(ENVIRONMENT, PACKAGES, "JupyterLab").parent

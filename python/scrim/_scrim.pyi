"""The compiled module; its public names are those of scrim."""
from . import Accountant as Accountant
from . import AlphaMeter as AlphaMeter
from . import Client as Client
from . import ClientTag as ClientTag
from . import ClientTls as ClientTls
from . import Inference as Inference
from . import InputRules as InputRules
from . import Key as Key
from . import Manifest as Manifest
from . import Noise as Noise
from . import NoiseParameters as NoiseParameters
from . import Release as Release
from . import ReleaseParts as ReleaseParts
from . import from_wire as from_wire
from . import to_wire as to_wire
from . import version as version

def exit_code(code: str) -> int: ...

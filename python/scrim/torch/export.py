"""Writing modules as TorchScript, which every other part of Scrim reads."""
import pathlib
import warnings

import torch

from scrim.errors import NotFound, Unsupported
from scrim.torch.cut import Head


def scripted(module, example):
    """TorchScript of a module: by its code where that can be scripted, else as it ran on
    `example`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch 2.5 and later call TorchScript deprecated
        try:
            return torch.jit.script(module)
        except Exception:  # pylint: disable=broad-except  # whatever the compiler cannot read
            pass
        try:
            return torch.jit.trace(module, example)
        except Exception as error:
            reason = str(error).strip().split("\n", maxsplit=1)[0]
            raise Unsupported(f"the module cannot be written as TorchScript: {reason}") from error


def save(module, example, path):
    """Writes a module, in eval mode and in the processor's memory."""
    module = module.eval().to("cpu")
    script = scripted(module, example.to("cpu"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(script, str(path))


@torch.no_grad()
def export(head, tail, folder, example):
    """Writes head.pt and tail.pt into `folder`, for `scrim learn --head ... --tail ...`; returns
    the two paths.

    example: an input of the head. Raises NotFound without the folder, Unsupported for what is no
    TorchScript.
    """
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise NotFound(f"no such folder: {folder}")
    activation = head.eval()(example)
    paths = folder / "head.pt", folder / "tail.pt"
    save(head.module if isinstance(head, Head) else head, example, paths[0])
    save(tail, activation, paths[1])
    return paths

"""Cutting a model in two, where exactly one tensor crosses."""
import torch
from torch import fx

from scrim.errors import InvalidArgument, NotFound, Unsupported

_MOST_NAMES = 30  # in one sentence


class Head(torch.nn.Module):
    """The first layers of a model, up to and with `split_point`; checks what comes out of them.

    Returns N x K, N x K x L or N x K x H x W, floating point. Raises Unsupported where anything
    else crosses, or K changes with the input; InvalidArgument on a value that is not finite.
    """

    def __init__(self, module, split_point):
        super().__init__()
        self.module, self.split_point = module, split_point
        self.channels = None  # K, once it has run

    def forward(self, *inputs):
        activation = self.module(*inputs)
        self._check(activation)
        if self.channels is None:
            self.channels = activation.shape[1]
        if activation.shape[1] != self.channels:
            self._refuse(f"has {activation.shape[1]} channels here and had {self.channels} before: "
                         "they may not change with the size of the input; cut before the "
                         "activation is flattened")
        return activation

    def _refuse(self, what, kind=Unsupported):
        raise kind(f"the activation after '{self.split_point}' {what}")

    def _check(self, activation):
        if not isinstance(activation, torch.Tensor):
            self._refuse(f"is a {type(activation).__name__}, and one tensor can cross the cut")
        if not activation.is_floating_point():
            self._refuse(f"is of {str(activation.dtype).removeprefix('torch.')}, and only floating "
                         "point numbers can be noisy")
        if not 2 <= activation.dim() <= 4:
            self._refuse(f"has {activation.dim()} dimensions, not N x K, N x K x L or "
                         "N x K x H x W")
        if not torch.isfinite(activation).all():
            self._refuse("has a value that is not finite", InvalidArgument)


class _Tracer(fx.Tracer):
    """Keeps the module that is cut after whole, whatever it consists of."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def is_leaf_module(self, m, module_qualified_name):
        return module_qualified_name == self.layer or super().is_leaf_module(
            m, module_qualified_name)


def _trace(model, layer):
    try:
        return _Tracer(layer).trace(model)
    except Exception as error:  # the model's own code runs here, and may throw anything
        reason = str(error).strip().split("\n", maxsplit=1)[0]
        raise Unsupported(f"torch.fx cannot follow this model ({reason}): give its head and tail "
                          "as two modules") from error


def _cut_node(graph, layer):
    nodes = [node for node in graph.nodes if node.op == "call_module" and node.target == layer]
    if not nodes:
        raise Unsupported(f"module '{layer}' does not run by itself in forward: cut after one "
                          "that does")
    if len(nodes) > 1:
        raise Unsupported(f"module '{layer}' runs {len(nodes)} times: cut after one that runs once")
    return nodes[0]


def _ancestors(node):
    """The nodes that `node` is computed from, and itself."""
    found, waiting = set(), [node]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(one.all_input_nodes)
    return found


def _check_crossing(graph, cut, head, tail):
    """One tensor crosses: what the tail uses of the head is the cut alone."""
    used = {one for node in tail for one in node.all_input_nodes}
    inputs = {node for node in graph.nodes if node.op == "placeholder"}
    crossing = [node for node in graph.nodes if node in used and node is not cut
                and node.op != "get_attr" and (node in head or node in inputs)]
    if crossing:
        names = ", ".join(f"'{node.target if node in inputs else node.name}'" for node in crossing)
        raise Unsupported(f"{len(crossing) + 1} values cross the cut after '{cut.target}', and one "
                          f"tensor can: the tail also uses {names} from before it")


def _part(model, graph, keep, start=None, end=None):
    """A module of the nodes in `keep`. `start` becomes its input, `end` its output."""
    part, copies = fx.Graph(), {}
    if start is not None:
        copies[start] = part.placeholder("activation")
    for node in graph.nodes:
        if node is not start and keep(node):
            copies[node] = part.node_copy(node, lambda one: copies[one])
    if end is not None:
        part.output(copies[end])
    return fx.GraphModule(model, part)


def split(model, layer, example=None):
    """(head, tail) of a model, cut after the module named `layer`; they share its weights.

    layer: a name of model.named_modules() whose single output crosses.
    example: an input of the model; with one, the cut is tried at once.

    Raises NotFound, listing the names, for another one; Unsupported where more than one tensor, or
    none of floating point, crosses; InvalidArgument where the activation of `example` is not
    finite.
    """
    names = [name for name, _ in model.named_modules() if name]
    if layer not in names:
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        raise NotFound(f"no module named '{layer}'; there are {', '.join(names[:_MOST_NAMES])}"
                       f"{more}")
    graph = _trace(model, layer)
    cut = _cut_node(graph, layer)
    before = _ancestors(cut)
    # Not what is computed and left aside, as the weights that an attention returns.
    output = next(node for node in graph.nodes if node.op == "output")
    needed = _ancestors(output)
    _check_crossing(graph, cut, before, needed - before)
    head = Head(_part(model, graph, before.__contains__, end=cut), layer)
    tail = _part(model, graph, lambda node: node in needed and node.op != "placeholder" and (
        node not in before or node.op == "get_attr"), start=cut)
    if example is not None:
        _try(model, head, tail, example)
    return head, tail


def _flat(outputs):
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    values = outputs.values() if isinstance(outputs, dict) else outputs
    return [tensor for one in values for tensor in _flat(one)]


def _try(model, head, tail, example):
    training = model.training
    for part in (model, head, tail):
        part.eval()
    try:
        with torch.no_grad():
            whole, halves = _flat(model(example)), _flat(tail(head(example)))
        if not all(torch.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(whole, halves)):
            raise Unsupported(f"cut after '{head.split_point}', the model answers otherwise: what "
                              "it does depends on the input's values")
    finally:
        for part in (model, head, tail):
            part.train(training)

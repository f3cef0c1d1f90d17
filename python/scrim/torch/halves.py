"""Head and tail of a release as modules that TorchScript can hold: the code folded in."""
import torch
from torch.nn import functional


class CodedHead(torch.nn.Module):
    """input -> N x K x h x w: the head, then the directions of the code."""

    def __init__(self, head, basis, mean):
        super().__init__()
        self.head = head
        self.register_buffer("weight", basis.float()[:, :, None, None].contiguous())
        self.register_buffer("bias", -(basis @ mean).float())

    def forward(self, x):
        z = self.head(x)
        if z.dim() == 2:
            z = z[:, :, None]
        if z.dim() == 3:
            z = z[:, :, :, None]
        return functional.conv2d(z, self.weight, self.bias)


class DecodedTail(torch.nn.Module):
    """N x K x h x w -> outputs: the decoder of the code, then the tail, which takes tensors of
    `dimensions`."""

    def __init__(self, tail, decode, mean, dimensions: int):
        super().__init__()
        self.tail = tail
        self.dimensions = dimensions
        self.register_buffer("weight", decode.float()[:, :, None, None].contiguous())
        self.register_buffer("bias", mean.float())

    def forward(self, y):
        z = functional.conv2d(y, self.weight, self.bias)
        if self.dimensions < 4:
            z = z.squeeze(3)
        if self.dimensions < 3:
            z = z.squeeze(2)
        return self.tail(z)

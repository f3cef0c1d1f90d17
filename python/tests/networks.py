"""Small models of PyTorch, a task that they learn in seconds, and its pictures as a dataset."""
import struct
import zlib

import torch
from torch import nn

CLASSES = ("disc", "ring", "bar", "grid")
SIDE = 64
MEAN = torch.tensor([104.0, 117.0, 123.0])[:, None, None]  # of B, G, R


class Small(nn.Module):
    """Four classes; conv1 -> block -> conv3 -> fc."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 4, 1)
        self.bn = nn.BatchNorm2d(16)
        self.block = nn.Sequential(nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU())
        self.conv3 = nn.Conv2d(32, 32, 3, 1, 1)
        self.fc = nn.Linear(32, len(CLASSES))

    def forward(self, x):
        x = torch.relu(self.bn(self.conv1(x)))
        x = torch.relu(self.conv3(self.block(x)))
        return self.fc(x.mean((2, 3)))


def pictures(count, seed):
    """(B x 3 x 64 x 64 uint8 in B, G, R; B classes): one shape each, in clutter."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % len(CLASSES)
    axis = torch.arange(SIDE).float()
    centre = 32 + 6 * torch.rand(2, count, 1, 1, generator=generator) - 3
    dy, dx = axis[None, :, None] - centre[0], axis[None, None, :] - centre[1]
    radius = (dx * dx + dy * dy).sqrt().expand(count, SIDE, SIDE)
    bar = (dx.abs() < 7).expand_as(radius) & (dy.abs() < 22)
    grid = ((dx.expand_as(radius) % 12 < 4) | (dy.expand_as(radius) % 12 < 4)) & (radius < 24)
    shapes = torch.stack([radius < 18, (radius > 12) & (radius < 20), bar, grid])
    masks = shapes[labels, torch.arange(count)][:, None].float()
    colour = 60 + 120 * torch.rand(count, 3, 1, 1, generator=generator)
    noise = 45 * torch.randn(count, 3, SIDE, SIDE, generator=generator)
    return (90 + masks * (colour - 40) + noise).clamp(0, 255).byte(), labels


def batches(count, seed, size=32):
    """Batches of inputs (mean subtracted) and classes."""
    pixels, labels = pictures(count, seed)
    inputs = pixels.float() - MEAN
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return [(inputs[at], labels[at]) for at in order.split(size)]


def trained(loader, steps=150, seed=0):
    """A Small that knows the classes, in eval mode."""
    torch.manual_seed(seed)
    model = Small()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    for step in range(steps):
        x, labels = loader[step % len(loader)]
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), labels).backward()
        optimizer.step()
    return model.eval()


@torch.no_grad()
def accuracy(model, loader):
    right = sum((model(x).argmax(1) == labels).sum().item() for x, labels in loader)
    return right / sum(len(labels) for _, labels in loader)


def _png(pixels):
    """3 x H x W in B, G, R as the bytes of a PNG."""
    rows = pixels.flip(0).permute(1, 2, 0).contiguous()
    height, width = rows.shape[:2]

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    raw = b"".join(b"\0" + bytes(row.flatten().tolist()) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 1))
            + chunk(b"IEND", b""))


def write_dataset(folder, count, seed):
    """The same pictures as folders of classes."""
    pixels, labels = pictures(count, seed)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
    (folder / "classes.txt").write_text("\n".join(CLASSES) + "\n", encoding="utf-8")
    for at, (picture, label) in enumerate(zip(pixels, labels)):
        (folder / CLASSES[label] / f"{at:04d}.png").write_bytes(_png(picture))

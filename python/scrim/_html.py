"""How a notebook shows things: plain tables, every text escaped."""
import html
import math


def _table(head, rows):
    def row(cells, tag):
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(c))}</{tag}>" for c in cells) + "</tr>"
    return "<table>" + row(head, "th") + "".join(row(cells, "td") for cells in rows) + "</table>"


def release_table(release):
    """A release: what it is, and what passes at each alpha."""
    manifest, noise = release.manifest, release.noise
    title = (f"{manifest.model}, {manifest.task}, cut after {manifest.split_point}: "
             f"{noise.directions} of {noise.channels} channels, release {release.id[:12]}")
    rows = []
    for alpha in manifest.alphas:
        bits = math.log2(1 / alpha) / 2
        rows.append((alpha, f"{bits:.4f}", f"{bits * noise.channels:.2f}"))
    table = _table(("alpha", "bits per element", "bits per cell"), rows)
    return f"<p>{html.escape(title)}</p>{table}"

"""Drawings as SVG text, without a library: a frame with axes, lines, points, bars and words.

They are made to stand in a page as pictures: words and lines follow the reader's light or dark scheme by a media query,
each carries a title and a description, and series differ by dashes and marks besides their colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

WIDTH, HEIGHT = 560, 400
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 44, 52
DASHES = ("", "7 4", "2 4", "10 3 2 3", "1 3 6 3", "14 4")
SERIES = len(DASHES)
_STYLE = """
    svg { color: #1f2328; background: transparent; font-family: system-ui, sans-serif; font-size: 13px; }
    text { fill: currentColor; }
    .title { font-size: 15px; font-weight: 600; }
    .quiet { stroke: currentColor; stroke-opacity: .18; }
    .axis { stroke: currentColor; stroke-opacity: .6; }
    .cell { fill: #4c5fd5; }
    .s0 { --c: #4c5fd5; } .s1 { --c: #b35309; } .s2 { --c: #0b7a75; }
    .s3 { --c: #a3245f; } .s4 { --c: #5b6470; } .s5 { --c: #6d28d9; }
    .line { stroke: var(--c); fill: none; stroke-width: 2; stroke-linejoin: round; }
    .mark { fill: var(--c); }
    @media (prefers-color-scheme: dark) {
      svg { color: #e6edf3; }
      .cell { fill: #8b9bff; }
      .s0 { --c: #9aa8ff; } .s1 { --c: #f0a35e; } .s2 { --c: #4fd1c5; }
      .s3 { --c: #f287b7; } .s4 { --c: #aab4c0; } .s5 { --c: #c4a5ff; }
    }"""


@dataclass
class Drawing:
    """A picture under way; places are in its own units, `x` to the right and `y` downwards."""

    title: str
    description: str
    width: int = WIDTH
    height: int = HEIGHT
    parts: list[str] = field(default_factory=list)

    def words(self, x: float, y: float, text: str, *, anchor: str = "start", kind: str = "", turn: int = 0) -> None:
        """Text whose start, middle or end is at (x, y)."""
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        named = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}{turned}>{escape(text)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A straight line."""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>')

    def path(self, places: Sequence[tuple[float, float]], series: int, *, dash: str = "") -> None:
        """A line through places, in the colour of a series."""
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<polyline points="{drawn}" class="line s{series % SERIES}"{dashed}/>')

    def dot(self, x: float, y: float, series: int, size: float = 4, hint: str = "") -> None:
        """A point; even series are round, odd ones square. The hint is shown when it is pointed at."""
        told = f"<title>{escape(hint)}</title>" if hint else ""
        kind = f"mark s{series % SERIES}"
        if series % 2:
            shape = f'rect x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size:.1f}" height="{2 * size:.1f}"'
        else:
            shape = f'circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"'
        self.parts.append(f'<{shape} class="{kind}">{told}</{shape.split()[0]}>')

    def box(self, x: float, y: float, width: float, height: float, share: float) -> None:
        """A rectangle filled by a share from 0 to 1."""
        at = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect {at} class="cell" fill-opacity="{share:.3f}"/>')

    def svg(self) -> str:
        """The picture as a file's content."""
        size = f'viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}"'
        body = "\n  ".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={quoteattr(self.title)}>\n'
            f"  <title>{escape(self.title)}</title>\n  <desc>{escape(self.description)}</desc>\n"
            f"  <style>{_STYLE}\n  </style>\n"
            f'  <text x="{self.width / 2:.1f}" y="24" text-anchor="middle" class="title">{escape(self.title)}</text>\n'
            f"  {body}\n</svg>\n"
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """Axes from 0 to 1 both ways within a drawing."""

    drawing: Drawing

    def x(self, share: float) -> float:
        """Where a share of the horizontal axis lies."""
        return LEFT + share * (self.drawing.width - LEFT - RIGHT)

    def y(self, share: float) -> float:
        """Where a share of the vertical axis lies."""
        return self.drawing.height - BOTTOM - share * (self.drawing.height - TOP - BOTTOM)

    def axes(self, across: str, up: str) -> None:
        """Grid, numbers in percent, and what the axes mean."""
        for tenth in range(0, 11, 2):
            share = tenth / 10
            self.drawing.line(self.x(share), self.y(0), self.x(share), self.y(1), "quiet" if tenth else "axis")
            self.drawing.line(self.x(0), self.y(share), self.x(1), self.y(share), "quiet" if tenth else "axis")
            self.drawing.words(self.x(share), self.y(0) + 18, f"{tenth * 10}", anchor="middle")
            self.drawing.words(self.x(0) - 8, self.y(share) + 4, f"{tenth * 10}", anchor="end")
        self.drawing.words(self.x(0.5), self.y(0) + 40, f"{across}, %", anchor="middle")
        self.drawing.words(self.x(0) - 42, self.y(0.5), f"{up}, %", anchor="middle", turn=-90)

    def path(self, shares: Sequence[tuple[float, float]], series: int, *, dash: str = "") -> None:
        """A line through shares of both axes."""
        self.drawing.path([(self.x(x), self.y(y)) for x, y in shares], series, dash=dash)

    def legend(self, names: Sequence[str], x: float, y: float) -> None:
        """What each series is, one under the other from shares (x, y) downwards."""
        left, top = self.x(x), self.y(y)
        for number, name in enumerate(names):
            below = top + 18 * number
            self.drawing.path([(left, below), (left + 26, below)], number, dash=DASHES[number % SERIES])
            self.drawing.dot(left + 13, below, number, 3)
            self.drawing.words(left + 34, below + 4, name)

"""What every reader turns a file into: paragraphs and tables, in the order they are printed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    level: int = 0  # of a heading that the file itself marks as one; 0 is running text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equal length, merged cells repeated in each row they span. Cells may hold line breaks."""

    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | Table

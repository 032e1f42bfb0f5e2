"""Claims about drawings: well-formed, titled, and safe with whatever stands in a file of labels."""

from xml.etree import ElementTree as ET

from sentiment.evaluation.drawing import Drawing, Frame

SVG = "{http://www.w3.org/2000/svg}"


def test_a_drawing_is_svg_with_title_and_description_for_light_and_dark():
    drawing = Drawing('A "title" & more', "What it <shows>")
    drawing.words(1, 2, "<script>alert(1)</script>")
    drawing.dot(1, 2, 1, hint="a & b")
    drawing.dot(1, 2, 2)
    drawing.box(0, 0, 5, 5, 0.5)
    written = drawing.svg()
    root = ET.fromstring(written)
    assert root.find(f"{SVG}title").text == 'A "title" & more'
    assert root.find(f"{SVG}desc").text == "What it <shows>"
    assert root.get("role") == "img"
    assert not list(root.iter(f"{SVG}script"))
    assert "prefers-color-scheme: dark" in written
    assert "currentColor" in written


def test_a_frame_names_its_axes_and_puts_shares_within():
    drawing = Drawing("t", "d")
    frame = Frame(drawing)
    frame.axes("Recall", "Precision")
    words = [text.text for text in ET.fromstring(drawing.svg()).iter(f"{SVG}text")]
    assert {"Recall, %", "Precision, %", "0", "100"} <= set(words)
    assert 0 < frame.x(0) < frame.x(1) < drawing.width
    assert 0 < frame.y(1) < frame.y(0) < drawing.height, "upwards"


def test_series_differ_by_dashes_and_marks_not_by_colour_alone():
    drawing = Drawing("t", "d")
    Frame(drawing).legend(["ar", "en"], 0.1, 0.1)
    written = drawing.svg()
    assert written.count("stroke-dasharray") == 1
    assert "<circle" in written
    assert '<rect x="' in written

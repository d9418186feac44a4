"""Small reference pictures of pages, and how much a page differs from its own.

The browser itself makes pictures small and compares them. Each pixel of a small picture is the mean of eight by eight, so
that another machine's letters make little difference. Times and versions are hidden before.

`RENEW_PICTURES=1` writes the references instead of comparing with them.
"""

import base64
import os
from pathlib import Path

from browser import PHONE, WIDE, expect

FOLDER = Path(__file__).parent.parent / "end_to_end" / "browser" / "reference"
RENEWS = os.environ.get("RENEW_PICTURES") == "1"

# Pixels of a page for one of a reference, and for one of a comparison.
KEPT, COMPARED = 4, 8
# A pixel is another one from this difference of its light on, of 255, or of its colour.
LIGHT, COLOUR = 40, 26
# The most of all pixels that may have another light, and another colour.
MOST_LIGHT, MOST_COLOUR = 0.02, 0.0015

SMALL = """async ({picture, scale}) => {
  const blob = await (await fetch("data:image/png;base64," + picture)).blob();
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width / scale);
  canvas.height = Math.round(bitmap.height / scale);
  const drawing = canvas.getContext("2d");
  drawing.imageSmoothingQuality = "high";
  drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const pixels = drawing.getImageData(0, 0, canvas.width, canvas.height).data;
  return { png: canvas.toDataURL("image/png").split(",")[1], width: canvas.width, height: canvas.height,
    pixels: [...pixels].filter((_, at) => at % 4 < 3) };
}"""

HIDE = """() => {
  for (const one of document.querySelectorAll("time, footer, progress, [data-changes]")) one.style.visibility = "hidden";
  if (document.activeElement) document.activeElement.blur();
  scrollTo(0, 0);
}"""


# Whether each style is there. That of the other light is fetched behind all else, and may come after the page.
STYLED = "[...document.querySelectorAll('link[rel=stylesheet]')].every(one => one.sheet)"


class References:
    """The reference pictures of a visit."""

    def __init__(self, visit):
        self.visit = visit
        self.table = visit.context.new_page()

    def small(self, picture, scale):
        return self.table.evaluate(SMALL, {"picture": base64.b64encode(picture).decode(), "scale": scale})

    def take(self, light, size):
        page = self.visit.page
        page.emulate_media(color_scheme=light)
        page.set_viewport_size(PHONE if size == "phone" else WIDE)
        for _ in range(200):
            if page.evaluate(STYLED):
                break
            page.wait_for_timeout(50)
        page.evaluate(HIDE)
        picture = page.screenshot()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)
        return picture

    def compare(self, name, light, size):
        """The page looks as its reference does."""
        path = FOLDER / f"{name}-{size}-{light}.png"
        picture = self.take(light, size)
        if RENEWS:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(self.small(picture, KEPT)["png"]))
        differs, said = self.differs(path, picture)
        print("reference", path.name, said, flush=True)
        expect(not differs, f"{path.name} looks different: {said}. RENEW_PICTURES=1 takes it as it is")

    def differs(self, path, picture):
        """Whether a picture is another one than a reference, and how much of it."""
        now = self.small(picture, COMPARED)
        before = self.small(path.read_bytes(), COMPARED / KEPT)
        if (now["width"], now["height"]) != (before["width"], before["height"]):
            return True, "another size"
        light, colour, count = 0, 0, now["width"] * now["height"]
        for at in range(0, count * 3, 3):
            red, green, blue = (now["pixels"][at + i] - before["pixels"][at + i] for i in range(3))
            light += abs(red + green + blue) > 3 * LIGHT
            colour += max(abs(red - green), abs(green - blue), abs(blue - red)) > COLOUR
        light, colour = light / count, colour / count
        said = f"light {100 * light:.2f} %, colour {100 * colour:.2f} %"
        return light > MOST_LIGHT or colour > MOST_COLOUR, said

    def proves_itself(self, name, light, size, changes):
        """Each of these changes of the page is seen."""
        path = FOLDER / f"{name}-{size}-{light}.png"
        page = self.visit.page
        for what, (selector, rule, value) in changes.items():
            change = "([selector, rule, value]) => document.querySelectorAll(selector).forEach(one => one.style.setProperty(rule, value))"
            page.evaluate(change, [selector, rule, value])
            differs, said = self.differs(path, self.take(light, size))
            print("reference", what, said, flush=True)
            expect(differs, f"{what} is not seen: {said}")
            page.evaluate(change, [selector, rule, ""])

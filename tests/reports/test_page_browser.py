"""The page in a real browser: it fetches nothing, fits a phone, is drawn, and can be printed."""

import base64
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from pages import written
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from item2vec.reports import page_plots

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

PHONE, DESK = 390, 1280
GROUNDS = {"light": (0xFD, 0xFD, 0xFC), "dark": (0x15, 0x18, 0x1C)}
# Returns the colours of an element's text and of the ground that it stands on.
COLORS = """
const [selector] = arguments, parts = c => c.match(/[\\d.]+/g).map(Number);
return [...document.querySelectorAll(selector)].map(element => {
  const style = getComputedStyle(element);
  const ink = parts(element instanceof SVGElement ? style.fill : style.color);
  for (let on = element; on; on = on.parentElement) {
    const ground = parts(getComputedStyle(on).backgroundColor);
    if (ground.length === 3 || ground[3] > 0) return [ink, ground];
  }
  return [ink, parts(getComputedStyle(document.body).backgroundColor)];
});
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    written(folder)
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser():
    options = Options()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--hide-scrollbars")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = Service(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def show(browser, path: Path, *, width: int = DESK, scheme: str = "light", media: str = "") -> None:
    """Open a page afresh as a screen of this width would."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(path.as_uri())


def requested(browser) -> list[str]:
    """Return the addresses that were asked for since the page was opened."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def picture(browser, selector: str) -> np.ndarray:
    """Return an element as it is seen, uint8 (height, width, 3)."""
    box = browser.execute_script(
        "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
        "return [box.x + scrollX, box.y + scrollY, box.width, box.height];",
        selector,
    )
    clip = dict(zip(("x", "y", "width", "height"), box, strict=True)) | {"scale": 1}
    shot = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
    )
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB"))


def near(pixels: np.ndarray, color: tuple[int, ...], within: int = 12) -> int:
    """Count the pixels of about this colour."""
    return int((np.abs(pixels.astype(int) - color).max(axis=-1) <= within).sum())


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def contrast(first: list[float], second: list[float]) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2)."""
    linear = np.array([first[:3], second[:3]]) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    low, high = sorted((linear @ [0.2126, 0.7152, 0.0722]).tolist())
    return (high + 0.05) / (low + 0.05)


def test_no_request_leaves_the_page_and_nothing_fails(browser, path):
    show(browser, path)
    addresses = requested(browser)
    assert path.as_uri() in addresses, "the log is on"
    assert [a for a in addresses if a != path.as_uri() and a[:5] not in {"data:", "blob:"}] == []
    assert browser.get_log("browser") == []


def test_the_test_of_requests_would_notice_one(browser, path, tmp_path):
    """Both without the page's own rule, which lets nothing out, and with it."""
    html = path.read_text(encoding="utf-8")
    stray = '<img src="http://127.0.0.1:9/stray.png" alt=""></main>'
    for name, text in (
        ("open", html.replace("default-src 'none'", "default-src *").replace("img-src", "x-src")),
        ("closed", html),
    ):
        changed = tmp_path / f"{name}.html"
        changed.write_text(text.replace("</main>", stray), encoding="utf-8")
        show(browser, changed)
        told = [entry["message"] for entry in browser.get_log("browser")]
        if name == "open":
            assert any("stray.png" in address for address in requested(browser))
        else:
            assert any("Content Security Policy" in message for message in told)


@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_the_page_never_scrolls_sideways(browser, path, width):
    show(browser, path, width=width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    too_wide = browser.execute_script(
        "return [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, .plot')"
        " && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 90))"
    )
    assert too_wide == []
    scrolled = browser.execute_script(
        "return [...document.querySelectorAll('.scroll')]"
        ".filter(e => e.scrollWidth > e.clientWidth).length"
    )
    assert (scrolled > 0) == (width < DESK), "wide tables scroll in their own box"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_plots_are_drawn_in_full(browser, path, width):
    show(browser, path, width=width)
    lines = browser.execute_script(
        "return [...document.querySelectorAll('.plot')].map(plot => {"
        "  const svg = plot.querySelector('.main-svg').getBoundingClientRect();"
        "  const box = plot.getBoundingClientRect();"
        "  return {drawn: [...plot.querySelectorAll('.js-line')].map(p => p.getTotalLength()),"
        "    marks: plot.querySelectorAll('.points path').length,"
        "    width: svg.width, over: svg.right - box.right, below: svg.bottom - box.bottom}; })"
    )
    assert [len(plot["drawn"]) for plot in lines] == [5, 5, 1]
    for plot in lines:
        assert min(plot["drawn"]) > 0.4 * plot["width"] > 100
        assert max(plot["over"], plot["below"]) <= 1, "nothing is cut off"
    assert [plot["marks"] for plot in lines] == [0, 0, 1], "the best epoch"


@pytest.mark.parametrize("scheme", GROUNDS)
def test_the_plots_are_seen_in_light_and_in_dark(browser, path, scheme):
    show(browser, path, scheme=scheme)
    for plot, n_lines in (("recall", 5), ("ndcg", 5), ("training", 1)):
        pixels = picture(browser, f"#plot-{plot}")
        assert pixels.shape[0] > 250
        assert near(pixels, GROUNDS[scheme], 3) > 0.8 * pixels[..., 0].size, "the ground shows"
        for color in page_plots.COLORS[:n_lines]:
            assert near(pixels, rgb(color)) > 40, f"{color} in {plot}"
        ink = {"light": (0x1B, 0x1E, 0x23), "dark": (0xE6, 0xE8, 0xEB)}[scheme]
        assert near(pixels, ink, 40) > 60, "numbers along the axes"


@pytest.mark.parametrize("scheme", GROUNDS)
def test_text_can_be_read_in_light_and_in_dark(browser, path, scheme):
    show(browser, path, scheme=scheme)
    assert tuple(picture(browser, "h1")[0, -1]) == pytest.approx(GROUNDS[scheme], abs=2)
    texts = ("h1", "h2", "h3", "h4", "p", "a", "li", "dt", "dd", "caption", "th", "td", "td.hit")
    for selector in (*texts, "small", "em", "code", "figcaption", ".plot .xtick text", ".xtitle"):
        colors = browser.execute_script(COLORS, selector)
        if selector != "code":
            assert colors, selector
        for ink, ground in colors:
            assert contrast(ink, ground) >= 4.5, f"{selector}: {ink} on {ground}"
    for _, ground in browser.execute_script(COLORS, ".scroll th:first-child"):
        assert tuple(ground[:3]) == GROUNDS[scheme], "what stays in place hides what slides below"


def test_it_can_be_printed(browser, path):
    show(browser, path, width=703, scheme="dark", media="print")  # A4 within its margins
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 703
    assert tuple(picture(browser, "h1")[0, -1]) == (255, 255, 255), "no dark paper"
    wide = browser.execute_script(
        "return [...document.querySelectorAll('table, .plot svg.main-svg')].filter("
        "e => e.getBoundingClientRect().right > 703.5).length"
    )
    assert wide == 0, "nothing is cut off at the edge"
    show(browser, path)
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    data = base64.b64decode(pdf["data"])
    assert data.startswith(b"%PDF")
    assert data.count(b"/Type /Page\n") > 3


def test_without_javascript_all_but_the_plots_is_there(browser, path):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(browser, path, width=PHONE)
        text = browser.find_element("tag name", "body").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "The plots need JavaScript" in text
    for heading in ("Scores", "Beyond accuracy", "User 5", "What the numbers mean"):
        assert heading in text

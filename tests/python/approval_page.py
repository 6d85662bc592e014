"""Uses the approval page as people do, in Debian's Chromium: by mouse, by keyboard only, on a narrow
screen, in the dark, by a one-time link, without scripts.

Reads {"url", "name", "code", "approve", "deny", "link", "link_id", "shots"} as JSON from standard
input; prints "ok" at the end. Screenshots go to the folder `shots`.
"""

import json
import os
import sys

from playwright.sync_api import expect, sync_playwright

wish = json.load(sys.stdin)
BROWSER = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PHONE = {"width": 320, "height": 640}


def shot(page, name):
    page.screenshot(path=os.path.join(wish["shots"], f"{name}.png"), full_page=True)


def fits(page):
    """Nothing sticks out to the right."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], f"{page.url} is {wide} pixels wide"


def sign_in(page):
    page.goto(wish["url"] + "/")
    assert page.url.endswith("/sign-in"), page.url
    page.get_by_label("Name").fill(wish["name"])
    page.get_by_label("Access code").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    page.get_by_label("Name").fill(wish["name"])
    page.get_by_label("Access code").fill(wish["code"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Calls that wait")).to_be_visible()


def by_mouse(browser, troubles):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" and "403" not in message.text else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    sign_in(page)
    shot(page, "list")
    cookie = context.cookies()[0]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict", cookie
    page.locator(f"a[href='/approvals/{wish['approve']}']").click()
    arguments = page.get_by_role("region", name="Arguments")
    expect(arguments).to_contain_text('"path": "/srv/report')
    expect(arguments.locator("mark")).to_have_text("\\u{202e}")
    expect(page.locator("script, img, iframe")).to_have_count(0)
    shot(page, "approval")
    page.get_by_label("Note for the record").fill("as agreed <b>")
    page.get_by_role("button", name="Approve once").click()
    expect(page.get_by_role("status")).to_contain_text("approved")
    shot(page, "decided")
    page.goto(f"{wish['url']}/approvals/{wish['approve']}")
    expect(page.get_by_text("Nothing is to be decided")).to_be_visible()
    context.close()


def tab_to(page, selector):
    """Presses Tab until what is wanted has the focus, which must be seen."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style == "solid", f"the focus of {selector} is not seen: {style}"
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def by_keyboard(browser):
    """A phone of 320 pixels, in the dark, without a mouse."""
    context = browser.new_context(viewport=PHONE, color_scheme="dark")
    page = context.new_page()
    page.goto(wish["url"] + "/sign-in")
    fits(page)
    shot(page, "sign-in-phone")
    tab_to(page, "#name")
    page.keyboard.type(wish["name"])
    tab_to(page, "#code")
    page.keyboard.type(wish["code"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Calls that wait")).to_be_visible()
    fits(page)
    shot(page, "list-phone")
    tab_to(page, f"a[href='/approvals/{wish['deny']}']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
    fits(page)
    shot(page, "approval-phone")
    tab_to(page, "pre")
    tab_to(page, "#note")
    page.keyboard.type("not today")
    tab_to(page, "button[value=deny]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("denied")
    fits(page)
    page.goto(wish["url"] + "/")
    tab_to(page, ".account button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def by_link(browser):
    """As a chat opens it: looking decides nothing; without scripts."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    for _ in range(3):
        page.goto(wish["link"])
        expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
    shot(page, "link")
    page.get_by_role("button", name="Approve this agent and tool for").click()
    expect(page.get_by_role("status")).to_contain_text("approved")
    page.goto(wish["link"])
    expect(page.get_by_role("alert")).to_contain_text("has been used")
    shot(page, "link-used")
    context.close()


troubles = []
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
    by_mouse(browser, troubles)
    by_keyboard(browser)
    by_link(browser)
    browser.close()
assert not troubles, troubles
print("ok")

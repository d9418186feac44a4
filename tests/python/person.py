"""A person who sets the program up, with each action counted.

An action is a click, a field that is filled, a text that is pasted, or one thing elsewhere: in the router, at Amazon, in
Music Assistant.
"""

import os

from browser import BASE, expect


class Person:
    """Does one action after the other, and counts them."""

    def __init__(self, visit):
        self.visit = visit
        self.page = visit.page
        self.actions = []

    def outside(self, what):
        self.actions.append(what)

    def click(self, selector, what):
        self.actions.append(what)
        self.page.click(selector)

    def opens(self, selector, what):
        """A click that opens another tab, which is closed."""
        with self.page.expect_popup() as popup:
            self.click(selector, what)
        popup.value.close()

    def leaves(self, selector, what):
        """A click that opens a tab of Amazon, which leads to a page that is not found."""
        self.visit.landing = None
        with self.page.expect_popup() as popup:
            self.click(selector, what)
        for _ in range(400):
            if self.visit.landing:
                break
            popup.value.wait_for_timeout(50)
        expect(self.visit.landing, "no tab of Amazon opened")
        popup.value.close()

    def fill(self, selector, value, what):
        self.actions.append(what)
        self.page.fill(selector, value)

    def paste(self, selector, value, what):
        """By the clipboard, which a page has at this machine's own address alone."""
        self.actions.append(what)
        other = self.visit.context.new_page()
        other.goto(f"{BASE}/login")
        other.evaluate("text => navigator.clipboard.writeText(text)", value)
        other.close()
        self.page.focus(selector)
        self.page.keyboard.press("Control+v")

    def has_done_at_most(self, most):
        for number, what in enumerate(self.actions, 1):
            print(f"{number:>3}  {what}", flush=True)
        expect(len(self.actions) <= most, f"{len(self.actions)} actions, at most {most}")


def developer(person, is_led_back=False):
    """Signs in to the developer account. Amazon leads back to the pages, or to a page that is not found."""
    page, visit = person.page, person.visit
    page.wait_for_selector("#developer-form")
    person.opens("#developer .steps a.button", "open Amazon's console")
    person.click("[data-copy='#developer-return']", "copy the return address")
    person.outside("make a security profile with it (Amazon)")
    person.fill("#client-id", os.environ["CLIENT_ID"], "paste its client id")
    person.fill("#client-secret", os.environ["CLIENT_SECRET"], "paste its client secret")
    begins = ("#developer-form button.primary", "begin the sign-in of the developer account")
    if is_led_back:
        # The person allows it on the way.
        person.click(*begins)
        person.outside("allow it (Amazon)")
    else:
        person.leaves(*begins)
        person.outside("allow it (Amazon)")
        person.paste("#developer-address", visit.landing, "paste the address of the page that is not found")
    page.wait_for_selector("#developer .badge.good")


def household(person):
    """Signs in to the account of the Echos."""
    page, visit = person.page, person.visit
    person.leaves("#household form[action$='/setup/amazon/begin'] button", "begin the sign-in of the Echos' account")
    person.outside("sign in (Amazon)")
    person.paste("#amazon-address", visit.landing, "paste the address of the page that is not found")
    # The address of the next step stands there before its page does.
    page.wait_for_selector(".rail-wide a[href$='/setup/skill'][aria-current]")

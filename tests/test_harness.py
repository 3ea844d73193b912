"""The inspecting client is only worth something when it can complain."""

from __future__ import annotations

import pytest

from tests.harness.pages import Page

FIT = """<!doctype html><html><head><title>工单</title></head><body><h1>工单</h1>
<form method="post"><input type="hidden" name="csrf_token" value="x">
<label for="a">名称</label><input id="a" name="a"><label>备注 <textarea name="b"></textarea></label>
<select name="c" aria-label="街道"></select><button>保存</button></form></body></html>"""


def test_a_fit_page_has_no_complaint():
    assert Page(FIT).complaints() == []


@pytest.mark.parametrize(
    ("instead_of", "there_is", "complaint"),
    [
        ("<h1>工单</h1>", "", "there are 0 h1, not one"),
        ("<h1>工单</h1>", "<h1>工单</h1><h1>又</h1>", "there are 2 h1, not one"),
        ("<title>工单</title>", "<title> </title>", "there is no title"),
        ('<label for="a">', '<label for="a" id="a">', "the id 'a' is used 2 times"),
        ('<label for="a">名称</label>', "", "<input name='a'> has no label"),
        ("<label>备注 ", "<p>备注 ", "<textarea name='b'> has no label"),
        (' aria-label="街道"', "", "<select name='c'> has no label"),
        ('name="csrf_token"', 'name="other"', "the form posting to 'its own page' has no csrf_token field"),
    ],
)
def test_a_page_that_is_not_fit_is_complained_about(instead_of, there_is, complaint):
    assert Page(FIT.replace(instead_of, there_is)).complaints() == [complaint]


def test_a_fragment_needs_no_heading_of_its_own():
    assert Page('<div id="actions"><p>已受理</p></div>').complaints() == []


def test_the_script_in_the_title_of_an_icon_is_not_the_title_of_the_page():
    assert Page("<html><body><h1>a</h1><svg><title>b</title></svg></body></html>").complaints() == ["there is no title"]

"""One comment a stack, updated in place, of our own account alone; faults that pass, and those that do not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ops.review.markdown import marker
from ops.review.preview import Preview
from ops.review.publish.comment import TRIES, Thread, put
from ops.review.publish.github import GitHub
from ops.review.publish.gitlab import GitLab
from ops.review.publish.rest import RestError
from tests.support.code_hosts import TOKEN, Platform, serving

DEV, PROD = (marker(Preview(stack, "shop", ())) for stack in ("dev", "prod"))
LIST, OURS = "GET /repos/shop/web/issues/7/comments", "github-actions[bot]"


@pytest.fixture(autouse=True)
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def platform() -> Iterator[Platform]:
    with serving(Platform()) as made:
        yield made


def github(platform: Platform, token: str = TOKEN, **more: str) -> GitHub:
    return GitHub(platform.address, token, "shop/web", 7, **more)


def gitlab(platform: Platform) -> GitLab:
    platform.login = platform.login or "project_42_bot"
    return GitLab(platform.address, TOKEN, "42", 7, "https://gitlab.example/shop/web/-/merge_requests/7")


def written(thread: Thread, mark: str, text: str, waits: list[float] | None = None) -> str:
    return put(thread, mark, f"{mark}\n{text}\n", print, (waits if waits is not None else []).append)


@pytest.mark.parametrize("make", [github, gitlab])
def test_each_stack_has_one_comment_that_is_updated_in_place(platform: Platform, make) -> None:
    addresses = {written(make(platform), mark, text) for text in ("first", "second", "third") for mark in (DEV, PROD)}
    assert platform.bodies == [f"{DEV}\nthird\n", f"{PROD}\nthird\n"]
    assert addresses == (
        {one["html_url"] for one in platform.comments}
        if make is github
        else {f"https://gitlab.example/shop/web/-/merge_requests/7#note_{one['id']}" for one in platform.comments}
    )


@pytest.mark.parametrize("make", [github, gitlab])
def test_ours_is_found_on_a_late_page(platform: Platform, make) -> None:
    thread, platform.page = make(platform), 10
    mine = platform.write(f"{DEV}\nold\n", platform.login or OURS)
    for number in range(35):
        platform.write(f"talk {number}", "somebody")
    if make is github:  # the oldest first: then ours is to be found behind the others
        platform.comments.append(platform.comments.pop(0))
    written(thread, DEV, "new")
    assert mine["body"] == f"{DEV}\nnew\n" and len(platform.comments) == 36
    assert len([one for one in platform.asked if one.startswith("GET /") and one != "GET /user"]) == 4


@pytest.mark.parametrize("make", [github, gitlab])
def test_others_comments_are_never_touched(platform: Platform, make) -> None:
    thread = make(platform)
    theirs = [
        platform.write(f"{DEV}\nquoted\n", "somebody"),
        platform.write(f"{DEV}\nanother bot's\n", "other[bot]"),
        platform.write(f"see {DEV}", platform.login or OURS),
    ]
    before = [dict(one) for one in theirs]
    written(thread, DEV, "new")
    written(thread, DEV, "newer")
    assert theirs == before and platform.bodies[3:] == [f"{DEV}\nnewer\n"]
    assert not [one for one in platform.asked if one.startswith("DELETE")]


def test_whom_a_token_writes_as_is_asked_for(platform: Platform) -> None:
    platform.login = "release-robot"
    bots, mine = platform.write(f"{DEV}\nx\n", OURS), platform.write(f"{DEV}\nx\n", "release-robot")
    written(github(platform), DEV, "new")
    assert (bots["body"], mine["body"]) == (f"{DEV}\nx\n", f"{DEV}\nnew\n")
    written(github(platform, author=OURS), DEV, "newest")
    assert bots["body"] == f"{DEV}\nnewest\n"


def test_two_of_ours_become_one(platform: Platform) -> None:
    first, _ = platform.write(f"{DEV}\na\n"), platform.write(f"{DEV}\nb\n")
    written(github(platform), DEV, "c")
    assert platform.comments == [first] and first["body"] == f"{DEV}\nc\n"


def test_the_same_text_again_writes_nothing(platform: Platform) -> None:
    written(github(platform), DEV, "same")
    platform.asked.clear()
    written(github(platform), DEV, "same")
    assert {one.split()[0] for one in platform.asked} == {"GET"}


def test_one_that_somebody_deletes_meanwhile_is_written_anew(platform: Platform) -> None:
    platform.write(f"{DEV}\nold\n")
    platform.faults.append(("PATCH", (404, {}, {"message": "Not Found"})))
    written(github(platform), DEV, "new")
    assert platform.bodies == [f"{DEV}\nold\n", f"{DEV}\nnew\n"]


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ((502, {}, {"message": "Bad Gateway"}), 2),
        ((503, {"Retry-After": "9"}, {}), 9),
        ((429, {"Retry-After": "3"}, {}), 3),
        ((403, {"Retry-After": "5"}, {"message": "You have exceeded a secondary rate limit"}), 5),
        ((403, {}, {"message": "You have exceeded a secondary rate limit"}), 60),
    ],
)
@pytest.mark.parametrize("request_", [LIST, "POST", "GET /user"])
def test_what_passes_is_tried_again(platform: Platform, fault, wait: float, request_: str) -> None:
    waits: list[float] = []
    platform.faults.append((request_, fault))
    written(github(platform), DEV, "there", waits)
    assert platform.bodies == [f"{DEV}\nthere\n"] and waits == [wait]


def test_a_comment_that_was_written_all_the_same_is_not_written_twice(platform: Platform) -> None:
    platform.after_write = True
    platform.faults.append(("POST", (504, {}, {"message": "timeout"})))
    written(github(platform), DEV, "there")
    assert platform.bodies == [f"{DEV}\nthere\n"]


def test_tries_are_counted(platform: Platform) -> None:
    waits: list[float] = []
    platform.faults += [(LIST, (500, {}, {"message": "oops"}))] * 9
    with pytest.raises(RestError, match=r"^127\.0\.0\.1:\d+ answered GET with 500: oops \(4 tries\)$"):
        written(github(platform), DEV, "x", waits)
    assert waits == [2, 4, 8] and len(platform.faults) == 9 - TRIES


@pytest.mark.parametrize("headers", [{"Retry-After": "3000"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": ""}])
def test_a_long_wait_is_told_not_waited_for(platform: Platform, headers: dict[str, str]) -> None:
    headers = {name: value or str(int(time.time()) + 3000) for name, value in headers.items()}
    platform.faults.append((LIST, (403, headers, {"message": "API rate limit exceeded"})))
    with pytest.raises(RestError, match=r"it asks for (299\d|3000) s of patience: run this job again then"):
        written(github(platform), DEV, "x")


@pytest.mark.parametrize(
    ("status", "said", "right"),
    [
        (403, "Resource not accessible by integration", "permissions: pull-requests: write"),
        (404, "Not Found", "a pull request that is there: 7 of shop/web"),
    ],
)
def test_what_does_not_pass_is_told_at_once(platform: Platform, status: int, said: str, right: str) -> None:
    waits: list[float] = []
    platform.faults.append(("POST", (status, {}, {"message": said})))
    with pytest.raises(RestError, match=rf"answered POST with {status}: {said}\. Right would be .*{right}"):
        written(github(platform), DEV, "x", waits)
    assert not waits and not platform.comments


def test_a_token_is_in_no_text(platform: Platform) -> None:
    platform.faults.append((LIST, (422, {}, {"message": f"what is {TOKEN}?"})))
    with pytest.raises(RestError, match=r"what is \*\*\*\?"):
        written(github(platform), DEV, "x")
    with pytest.raises(RestError, match=r"401: Bad credentials\. Right would be a valid token") as told:
        written(github(platform, "wrong-and-secret"), DEV, "x")
    assert "wrong-and-secret" not in str(told.value)


@pytest.mark.parametrize(
    ("link", "text"),
    [("https://elsewhere.example/next", "the token is not sent there"), ("SELF", "more than 100 pages")],
)
def test_pages_that_lead_elsewhere_or_nowhere(platform: Platform, link: str, text: str) -> None:
    url = link if link != "SELF" else f"{platform.address}/repos/shop/web/issues/7/comments?page=1"
    platform.faults += [(LIST, (200, {"Link": f'<{url}>; rel="next"'}, []))] * 100  # type: ignore[list-item]
    with pytest.raises(RestError, match=text):
        written(github(platform), DEV, "x")


def test_a_server_that_is_not_there_is_tried_and_named() -> None:
    with pytest.raises(RestError, match=r"127\.0\.0\.1:9 cannot be reached \(\w+\) \(4 tries\)"):
        written(GitHub("http://127.0.0.1:9", TOKEN, "shop/web", 7), DEV, "x")


def test_an_address_that_has_moved_is_not_followed(platform: Platform) -> None:
    platform.faults.append((LIST, (301, {"Location": "http://127.0.0.1:9/"}, {"message": "Moved Permanently"})))
    with pytest.raises(RestError, match=r"301: it is elsewhere now\. Right would be the repository's present name"):
        written(github(platform), DEV, "x")

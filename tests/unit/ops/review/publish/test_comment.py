"""One comment for each stack, of our own account only, updated in place; transient and permanent faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from ops.review.markdown import marker
from ops.review.preview import Preview
from ops.review.publish.comment import TRIES, Thread, upsert
from ops.review.publish.github import GitHub
from ops.review.publish.gitlab import GitLab
from ops.review.publish.rest import RestError
from tests.support.code_hosts import TOKEN, Fault, Platform, serving

DEV, PROD = (marker(Preview(stack, "shop", ())) for stack in ("dev", "prod"))
Make = Callable[[Platform], Thread]
LIST, OURS = "GET /repos/shop/web/issues/7/comments", "github-actions[bot]"


@pytest.fixture(autouse=True)
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def platform() -> Iterator[Platform]:
    with serving(Platform()) as platform:
        yield platform


def github(platform: Platform, token: str = TOKEN, **more: str) -> GitHub:
    return GitHub(platform.address, token, "shop/web", 7, **more)


def gitlab(platform: Platform) -> GitLab:
    platform.login = platform.login or "project_42_bot"
    return GitLab(platform.address, TOKEN, "42", 7, "https://gitlab.example/shop/web/-/merge_requests/7")


def written(thread: Thread, mark: str, text: str, waits: list[float] | None = None) -> str:
    return upsert(thread, mark, f"{mark}\n{text}\n", print, (waits if waits is not None else []).append)


@pytest.mark.parametrize("make", [github, gitlab])
def test_each_stack_has_one_comment_that_is_updated_in_place(platform: Platform, make: Make) -> None:
    addresses = {written(make(platform), mark, text) for text in ("first", "second", "third") for mark in (DEV, PROD)}
    assert platform.bodies == [f"{DEV}\nthird\n", f"{PROD}\nthird\n"]
    assert addresses == (
        {one["html_url"] for one in platform.comments}
        if make is github
        else {f"https://gitlab.example/shop/web/-/merge_requests/7#note_{one['id']}" for one in platform.comments}
    )


@pytest.mark.parametrize("make", [github, gitlab])
def test_our_comment_is_found_on_a_late_page(platform: Platform, make: Make) -> None:
    thread, platform.page = make(platform), 10
    mine = platform.write(f"{DEV}\nold\n", platform.login or OURS)
    for number in range(35):
        platform.write(f"talk {number}", "somebody")
    if make is github:  # the oldest first: then ours is to be found behind the others
        platform.comments.append(platform.comments.pop(0))
    written(thread, DEV, "new")
    assert mine["body"] == f"{DEV}\nnew\n" and len(platform.comments) == 36
    assert len([one for one in platform.requests if one.startswith("GET /") and one != "GET /user"]) == 4


@pytest.mark.parametrize("make", [github, gitlab])
def test_comments_of_others_are_never_changed(platform: Platform, make: Make) -> None:
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
    assert not [one for one in platform.requests if one.startswith("DELETE")]


def test_the_account_of_a_token_is_looked_up(platform: Platform) -> None:
    platform.login = "release-robot"
    bots, mine = platform.write(f"{DEV}\nx\n", OURS), platform.write(f"{DEV}\nx\n", "release-robot")
    written(github(platform), DEV, "new")
    assert (bots["body"], mine["body"]) == (f"{DEV}\nx\n", f"{DEV}\nnew\n")
    written(github(platform, author=OURS), DEV, "newest")
    assert bots["body"] == f"{DEV}\nnewest\n"


def test_two_comments_of_ours_become_one(platform: Platform) -> None:
    first, _ = platform.write(f"{DEV}\na\n"), platform.write(f"{DEV}\nb\n")
    written(github(platform), DEV, "c")
    assert platform.comments == [first] and first["body"] == f"{DEV}\nc\n"


def test_an_unchanged_text_writes_nothing(platform: Platform) -> None:
    written(github(platform), DEV, "same")
    platform.requests.clear()
    written(github(platform), DEV, "same")
    assert {one.split()[0] for one in platform.requests} == {"GET"}


def test_a_comment_deleted_meanwhile_is_created_again(platform: Platform) -> None:
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
def test_a_transient_fault_is_retried(platform: Platform, fault: Fault, wait: float, request_: str) -> None:
    waits: list[float] = []
    platform.faults.append((request_, fault))
    written(github(platform), DEV, "there", waits)
    assert platform.bodies == [f"{DEV}\nthere\n"] and waits == [wait]


def test_a_comment_written_despite_a_fault_is_not_written_twice(platform: Platform) -> None:
    platform.after_write = True
    platform.faults.append(("POST", (504, {}, {"message": "timeout"})))
    written(github(platform), DEV, "there")
    assert platform.bodies == [f"{DEV}\nthere\n"]


def test_tries_are_limited(platform: Platform) -> None:
    waits: list[float] = []
    platform.faults += [(LIST, (500, {}, {"message": "oops"}))] * 9
    with pytest.raises(
        RestError, match=r"^127\.0\.0\.1:\d+ answered GET with 500: oops \(4 tries\) \[code-host-unavailable\]$"
    ):
        written(github(platform), DEV, "x", waits)
    assert waits == [2, 4, 8] and len(platform.faults) == 9 - TRIES


@pytest.mark.parametrize("headers", [{"Retry-After": "3000"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": ""}])
def test_a_long_wait_is_reported_instead(platform: Platform, headers: dict[str, str]) -> None:
    headers = {name: value or str(int(time.time()) + 3000) for name, value in headers.items()}
    platform.faults.append((LIST, (403, headers, {"message": "API rate limit exceeded"})))
    with pytest.raises(RestError, match=r"it asks to wait (299\d|3000) s: run this job again then"):
        written(github(platform), DEV, "x")


@pytest.mark.parametrize(
    ("status", "message", "remedy"),
    [
        (403, "Resource not accessible by integration", "permissions: pull-requests: write"),
        (404, "Not Found", "Use an existing pull request, not 7 of shop/web"),
    ],
)
def test_a_permanent_fault_is_reported_at_once(platform: Platform, status: int, message: str, remedy: str) -> None:
    waits: list[float] = []
    platform.faults.append(("POST", (status, {}, {"message": message})))
    with pytest.raises(RestError, match=rf"answered POST with {status}: {message}\. .*{remedy}"):
        written(github(platform), DEV, "x", waits)
    assert not waits and not platform.comments


def test_a_token_appears_in_no_text(platform: Platform) -> None:
    platform.faults.append((LIST, (422, {}, {"message": f"what is {TOKEN}?"})))
    with pytest.raises(RestError, match=r"what is \*\*\*\?"):
        written(github(platform), DEV, "x")
    with pytest.raises(RestError, match=r"401: Bad credentials\. Set GITHUB_TOKEN to a valid token") as raised:
        written(github(platform, "wrong-and-secret"), DEV, "x")
    assert "wrong-and-secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("link", "text"),
    [("https://elsewhere.example/next", "the token is not sent there"), ("SELF", "more than 100 pages")],
)
def test_pages_on_another_host_or_without_end(platform: Platform, link: str, text: str) -> None:
    url = link if link != "SELF" else f"{platform.address}/repos/shop/web/issues/7/comments?page=1"
    platform.faults += [(LIST, (200, {"Link": f'<{url}>; rel="next"'}, []))] * 100  # type: ignore[list-item]
    with pytest.raises(RestError, match=text):
        written(github(platform), DEV, "x")


def test_an_unreachable_server_is_retried_and_named() -> None:
    with pytest.raises(RestError, match=r"127\.0\.0\.1:9 cannot be reached \(\w+\) \(4 tries\)"):
        written(GitHub("http://127.0.0.1:9", TOKEN, "shop/web", 7), DEV, "x")


def test_a_redirect_is_not_followed(platform: Platform) -> None:
    platform.faults.append((LIST, (301, {"Location": "http://127.0.0.1:9/"}, {"message": "Moved Permanently"})))
    with pytest.raises(RestError, match=r"301: it has moved\. Set GITHUB_REPOSITORY to the repository's present name"):
        written(github(platform), DEV, "x")

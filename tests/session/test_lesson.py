# SPDX-License-Identifier: GPL-3.0-or-later
"""A lesson at the prompt, as a student who answers wrongly, gets stuck, leaves and comes back."""

from session import UP, Home, Session, contains, equal, lacks, matches, run

SMALL = '''
return lesson { format = 1, id = "small", title = "Small", covers = { "C1" }, minutes = 2,
text { id = "hello", "Good day." },
demo { id = "set", "b = 2\\nb + 1", see = "It is there." },
number { id = "double", ask = "What is twice b?", answer = { 4, 1e-6 },
  wrong = { { 2, "That is b itself." } }, hints = { "Add b to b.", "2 + 2" } },
choice { id = "even", ask = "Which is even?", yes = { "four", "Two twos." },
  no = { { "five", "One is left over." } } },
code { id = "twice", fn = "twice", ask = "Write twice(x).",
  starter = "function twice(x)\\n    return x\\nend",
  solution = "function twice(x)\\n    return 2*x\\nend",
  given = function(r) return r:num() end,
  mistakes = { { id = "square", swap = { "2*x", "x*x" }, say = "You squared it." } },
  hints = { "x + x" } },
text { id = "end", "That is all." },
}
'''


def letter(text, choice):
    """The letter of a choice, whatever the order."""
    for line in text.splitlines():
        if line.strip().endswith(choice):
            return line.strip()[0]
    raise AssertionError("%r is no choice in\n%s" % (choice, text))


def test_a_lesson_is_stepped_by_the_empty_line_and_answers_back():
    with Home() as home:
        home.write(SMALL, "small.lua")
        with Session(home) as s:
            s.enter("b = 99")
            contains(s.enter('lesson "./small.lua"'), "Good day.")
            contains(s.enter(), "> b = 2\n> b + 1\n3\n\nIt is there.")
            contains(s.enter(), "What is twice b?")
            contains(s.enter(), "waits for a number")
            contains(s.enter("b"), "That is b itself.")
            contains(s.enter(":hint"), "Hint 1 of 2: Add b to b.")
            contains(s.enter("undefined_name"), "undefined: undefined_name")
            contains(s.enter("b + b"), "Right.")
            text = s.enter()
            contains(s.enter(letter(text, "five")), "One is left over.")
            contains(s.enter(letter(text, "four")), "Right. Two twos.")
            contains(s.enter(), "Write twice(x).")
            contains(s.enter("function twice(x) return x*x end"), "You squared it.")
            contains(s.enter("twice = function(y) return y + y end"), "Right.")
            contains(s.enter(), "That is all.")
            contains(s.enter(), "3 of 3 questions answered")
            contains(s.enter(":leave"), "progress is kept")
            equal(s.enter("b"), "99")
            equal(s.enter(), "")


def test_a_lesson_is_left_by_the_end_of_the_session_and_resumed():
    with Home() as home:
        home.write(SMALL, "small.lua")
        with Session(home) as s:
            s.enter('lesson "./small.lua"')
            s.enter()
            s.enter()
            s.enter("4")
            equal(s.leave(), 0)
        with Session(home, ["lesson", "./small.lua"]) as s:
            contains(s.greeting, "step 4 of 6")
            contains(s.greeting, "Which is even?")
            equal(s.enter("b + 0"), "2")
            contains(s.enter(":back"), "You answered 4.")
            contains(s.enter(":back 1"), "Good day.")
            contains(s.enter(":skip 4"), "Which is even?")
            contains(s.enter(":skip"), "The answer is")
            contains(s.enter(":again lesson"), "Good day.")


def test_play_is_a_copy_and_what_was_changed_is_put_back():
    with Home() as home:
        home.write(SMALL, "small.lua")
        with Session(home) as s:
            for text in ('lesson "./small.lua"', "", ""):
                s.enter(text)
            contains(s.enter(":play"), "copy")
            equal(s.enter("b = 50"), "")
            equal(s.enter("b"), "50")
            contains(s.enter(""), "playing")
            contains(s.enter(":back"), "What is twice b?")
            equal(s.enter("b = 7"), "")
            contains(s.enter(":again"), "What is twice b?")
            contains(s.enter("b"), "2\n")


def test_the_starter_comes_with_the_up_key():
    with Home() as home:
        home.write(SMALL, "small.lua")
        with Session(home) as s:
            s.enter('lesson "./small.lua"')
            contains(s.enter(":skip 5"), "Up key")
            s.keys(UP)
            contains("\n".join(s.screen.text()), "return x")
            s.interrupt()
            s.wait()
            contains(s.enter("function twice(x)\r return 2*x\rend"), "Right.")


def test_on_a_small_screen_a_figure_leaves_room_for_its_words():
    figure = SMALL.replace('number { id = "double"', '''figure { id = "points", say = "Look:",
      "plot(data.line12)", alt = "Twelve points that rise to the right.", see = "They rise." },
      number { id = "double"''')
    with Home() as home:
        home.write(figure, "figure.lua")
        with Session(home, rows=24, columns=80) as s:
            s.enter('lesson "./figure.lua"')
            s.enter()
            s.enter()
            screen = "\n".join(s.screen.text())
            for text in ("Figure", "Look:", "> plot(data.line12)", "●", "They rise."):
                contains(screen, text)


def test_where_nothing_can_be_kept_leaving_does_not_say_that_it_is():
    with Session(XDG_DATA_HOME="/dev/null/nowhere") as s:
        contains(s.enter('lesson "line"') + s.enter(), "(Your progress cannot be kept:")
        equal(s.enter(":leave"), "You have left the lesson.")
        s.enter('exercise "momentum"')
        s.enter("function step(phi, m, g, a, beta) m = (1 - beta)*g return phi - a*m, m end")
        contains(s.enter("check()"), "(Your progress cannot be kept:")
        equal(s.enter(":leave"), "You have left the exercise.")


def test_commands_without_a_lesson_say_so():
    with Session() as s:
        for command in (":next", ":hint", ":back", ":skip", ":again", ":play", ":leave"):
            contains(s.enter(command), "no lesson or exercise is running")
        contains(s.enter(":lessons"), "line")
        contains(s.enter('lesson "lien"'), 'did you mean "line"?')
        contains(s.enter("lesson lien"), 'did you mean "line"?')


def test_the_command_line():
    with Home() as home:
        path = home.write(SMALL, "small.lua")
        contains(run("lesson").output, "line")
        result = run("lesson", path, "--auto", "--lint", home=home)
        matches(result.output, r"\n\d+ passed, 0 failed\n$")
        equal(result.code, 0)
        home.write(SMALL.replace("return 2*x", "return 3*x"), "wrong.lua")
        result = run("lesson", "./wrong.lua", "--lint", home=home)
        equal(result.code, 1)
        contains(result.output, "does not occur in the solution")
        result = run("lesson", path, "--markdown", "-", home=home)
        contains(result.output, "# Small")
        result = run("lesson", path, "--html", "small.html", "--teacher", home=home)
        equal(result.code, 0)
        equal(result.output, "")
        with open(home.file("small.html"), encoding="utf-8") as page:
            contains(page.read(), "<h1>Small</h1>")
        for arguments in (["nothing"], ["--atuo"], [path, "--markdown"], [path, path], [path],
                          [path, "--html"], ["--html", "x.html"],
                          [path, "--html", "x.html", "--markdown", "-"]):
            result = run("lesson", *arguments, home=home)
            equal(result.code, 2)
            equal(result.output, "")
            matches(result.errors, r"^descent lesson: [^\n]*\n$")
        contains(run("lesson", "--atuo").errors, "--auto")
        contains(run("lesson", "--coverage").output, "topics have a lesson")


def test_a_lesson_does_not_start_in_a_script():
    result = run("-e", 'lesson "line"')
    equal(result.code, 1)
    contains(result.errors, "a lesson runs at the prompt")
    lacks(result.errors, "stack traceback")


def test_without_unicode_the_text_is_ascii():
    with Home() as home:
        home.write(SMALL.replace("Good day.", "φ₀ ≤ α."), "small.lua")
        with Session(home, LANG="C", LC_ALL="C") as s:
            contains(s.enter('lesson "./small.lua"'), "phi0 <= alpha.")


def test_ctrl_c_stops_an_endless_answer_and_the_lesson_goes_on():
    with Home() as home:
        home.write(SMALL, "small.lua")
        with Session(home) as s:
            s.enter('lesson "./small.lua"')
            s.enter(":skip 5")
            s.send("function twice(x) while true do end end\r")
            s.child.expect_exact("\x1b[?2004l")
            s.interrupt()
            contains(s.wait(), "interrupted")
            contains(s.enter("function twice(x) return 2*x end"), "Right.")

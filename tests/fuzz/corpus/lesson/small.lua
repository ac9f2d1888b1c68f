return lesson { format = 1, id = "mine", title = "A lesson", covers = { "B2" },
text { id = "hello", "Text." },
demo { id = "two", say = "A demo.", [[
y = 2^2]], expect = { ["y"] = { 4, 1e-9 } } },
number { id = "slope", ask = "A slope?", answer = { 2, 1e-6 }, wrong = { { 6, "No." } }, hints = { "A." } },
}

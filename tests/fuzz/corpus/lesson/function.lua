return lesson { format = 1, id = "mine", title = "A lesson", covers = { "B2" },
text { id = "hello", "slope", ask = "A slope?", answer = { 2, 1e-6 }, wrong = { { 6,lesson } }, hints = { "A." } },
}

return lesson { format = 1, id = "choices", title = "Choices", covers = { "A1" }, needs = { "line" },
minutes = 3, seed = 4, summary = "To choose.",
choice { id = "which", ask = "Which?", yes = { "a", "Right." }, no = { { "b", "No." } } },
predict { id = "sign", ask = "Up?", run = "x = 1 + 1", yes = { "up", "Yes." },
  no = { { "down", "No." } }, expect = { x = { 2, 0 } } },
predict { id = "value", ask = "How much?", run = "x = 1 + 1", answer = { 2, 0 }, wrong = { { 1, "Twice." } } },
}

return lesson { format = 1, id = "code", title = "Code", covers = { "A1" },
code { id = "f", ask = "Write f.", start = "function f(x)\n  return nil\nend",
  solution = "function f(x)\n  return x^2\nend", call = "f", given = function(r) return r:num() end,
  mistakes = { { "x^2", "x*2", "A square." } } },
choice { id = "c", ask = "Which?", options = { "a", "b" }, answer = 1, wrong = { [2] = "No." } },
}

return lesson { format = 1, id = "code", title = "Code", covers = { "A1" },
code { id = "f", ask = "Write f.", fn = "f", starter = "function f(x)\n    return nil\nend",
  solution = "function f(x)\n    return x^2\nend", given = function(r) return r:num() end,
  mistakes = { { id = "twice", swap = { "x^2", "x*2" }, say = "A square." } },
  hints = { "x^2" }, points = 2, trials = 5 },
}

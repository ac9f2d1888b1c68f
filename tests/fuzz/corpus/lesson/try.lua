return lesson { format = 1, id = "try", title = "Try",
figure { id = "picture", "plot(data.line12)", alt = "Points.", rows = 9 },
try { id = "low", ask = [[
Set mine.

    mine = {1, 2}
]], goal = function(e) return e.mine[1] < 1 end, solution = "mine = {0, 0}",
  near = { { by = "mine = {1, 2}", when = function(e) return e.mine[1] >= 1 end, say = "Lower." } },
  hints = { "`0` is below *1*." } },
}

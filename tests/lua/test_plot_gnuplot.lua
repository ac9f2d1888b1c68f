-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Pictures through gnuplot: files that are whole and repeatable, a process that may die, titles
-- that are only text.

local check = require "check"
local core = require "descent.core"
local gnuplot = require "descent.plot.gnuplot"

local loss, data, model, optim = core.loss, core.data, core.model, core.optim
local plot = require "descent.plot"

plot.output("none")

local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir '" .. folder .. "'"))
local function path(name) return folder .. "/" .. name end

local function bytes_of(name)
    local file = assert(io.open(name, "rb"))
    local bytes = file:read("a")
    file:close()
    return bytes
end

local function exists(name)
    local file = io.open(name, "rb")
    if file then file:close() end
    return file ~= nil
end

local function lines_of(command)
    local pipe = assert(io.popen(command))
    local list = {}
    for line in pipe:lines() do list[#list + 1] = line end
    pipe:close()
    return list
end

local L = loss.least_squares(model.line, data.line12)
local r = core.descend(L, optim.gd { alpha = 0.01 }, { start = { 1.6, -0.5 } }):step(100)

if not gnuplot.installed() then
    check.test("without gnuplot a picture is refused with the command that installs it", function()
        plot(data.line12)
        check.raises(function() plot.save(path("a.png")) end, "gnuplot is not installed",
            "sudo apt install gnuplot-nox")
        check.ok(not exists(path("a.png")), "no file is left")
    end)
    os.execute("rm -r '" .. folder .. "'")
    return
end

check.test("a PNG is whole and has the size that was asked for", function()
    plot(r)
    plot.save(path("a.png"), { size = { 640, 360 }, theme = "dark" })
    local bytes = bytes_of(path("a.png"))
    check.equal(bytes:sub(1, 8), "\137PNG\r\n\26\n")
    check.equal(bytes:sub(13, 16), "IHDR")
    check.equal({ string.unpack(">I4I4", bytes, 17) }, { 640, 360, 25 })
    check.equal(bytes:sub(-12), "\0\0\0\0IEND\xAEB`\x82")
    plot(data.line12)
    plot.save(path("b.png"))
    check.equal({ string.unpack(">I4I4", bytes_of(path("b.png")), 17) }, { 900, 600, 25 })
end)

-- Whether a PDF's objects, its date and its size among them, are in compressed streams.
local function packed(bytes) return bytes:find("/ObjStm", 1, true) ~= nil end

check.test("an SVG and a PDF are whole", function()
    plot(r)
    plot.save(path("a.svg"))
    local bytes = bytes_of(path("a.svg"))
    check.matches(bytes, "^<%?xml")
    check.matches(bytes, "</svg>%s*$")
    check.contains(bytes, 'viewBox="0 0 1200 560"')
    check.contains(bytes, ">φ<") -- with its subscript set lower
    check.contains(bytes, "gradient descent, t = 100, L[φ] = 0.2008")
    plot.save(path("a.pdf"), { size = { 600, 400 } })
    bytes = bytes_of(path("a.pdf"))
    check.matches(bytes, "^%%PDF%-1")
    check.matches(bytes, "%%%%EOF%s*$")
    if not packed(bytes) then
        check.contains(bytes, "/MediaBox [ 0 0 432 288 ]") -- 100 pixels to an inch of 72 points
    end
end)

check.test("the same plot gives the same bytes", function()
    plot(r)
    for _, kind in ipairs { "png", "svg", "pdf", "gp", "txt" } do
        plot.save(path("one." .. kind))
        if kind ~= "png" then gnuplot.stop() end -- also from a fresh process
        plot.save(path("two." .. kind))
        local one, two = bytes_of(path("one." .. kind)), bytes_of(path("two." .. kind))
        check.ok(one == two or kind == "pdf" and packed(one) and math.abs(#one - #two) < 16, kind)
    end
end)

check.test("themes, palettes and fonts change the picture", function()
    plot.surface { L, phi0 = { 0, 2 }, phi1 = { -1, 1 }, n = 20 }
    local seen = {}
    local function save(options)
        plot.save(path("t.svg"), options)
        local bytes = bytes_of(path("t.svg"))
        check.ok(not seen[bytes], "a new picture")
        seen[bytes] = true
        return bytes
    end
    check.contains(save { theme = "dark" }:lower(), "#101418")
    check.contains(save { theme = "light" }:lower(), "#ffffff")
    save { font = 20 }
    check.contains(save { font = "DejaVu Serif,12" }, "DejaVu Serif")
    plot.theme { palette = "viridis" }
    save { theme = "dark" }
    plot.theme { palette = "udl" }
end)

check.test("what cannot be written is named, and nothing is left behind", function()
    plot(data.line12)
    check.raises(function() plot.save(path("none/a.png")) end, path("none/a.png"),
        "no such file or folder")
    assert(os.execute(("ln -s /dev/full '%s'"):format(path("full.png"))))
    for _, kind in ipairs { "png", "svg", "pdf", "gp", "txt" } do
        local name = path("full." .. kind)
        os.execute(("ln -sf /dev/full '%s'"):format(name))
        check.raises(function() plot.save(name) end, name, "no space left")
    end
    check.raises(function() plot.save(path("a.jpeg")) end, "a.jpeg", ".png, .svg")
    check.raises(function() plot.save(folder) end, folder)
    check.raises(function() plot.save(path("a.png"), { size = { 5, 5 } }) end, "size", "120")
    check.raises(function() plot.save(path("a.png"), { sise = { 500, 500 } }) end, "size")
    check.raises(function() plot.save(path("a.png"), { theme = "drak" }) end, "dark")
    check.raises(function() plot.save(path("a.png"), { font = {} }) end, "font")
    for _, name in ipairs(lines_of("ls -A '" .. folder .. "'")) do
        check.ok(not name:find("^%.descent"), "left behind: " .. name)
    end
end)

check.test("an old file stays when the new one cannot be made", function()
    plot(data.line12)
    plot.save(path("keep.png"))
    local before = bytes_of(path("keep.png"))
    local old = gnuplot.picture
    gnuplot.picture = function() return nil, "gnuplot's picture is not complete" end
    check.raises(function() plot.save(path("keep.png")) end, "keep.png", "not complete")
    gnuplot.picture = old
    check.ok(bytes_of(path("keep.png")) == before, "unchanged")
end)

check.test("titles and names are shown as they are and run nothing", function()
    local mark = path("P")
    local title = ("a`touch %s`\n'$HOME' @x train_loss \"q\" %%d \\ {^a}_b"):format(mark)
    local function shown(bytes)
        return bytes:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"')
            :gsub("&apos;", "'"):gsub("&amp;", "&")
    end
    for _, more in ipairs { "", " φ₀" } do -- with a subscript another way of setting text is used
        plot.data { data.line12, title = title .. more }
        plot.save(path("title.svg"))
        local words = shown(bytes_of(path("title.svg")))
        check.contains(words, ("a`touch %s`"):format(mark))
        check.contains(words, "'$HOME' @x train_loss \"q\" %d \\ {^a}_b")
        plot.run { r, title = title .. more }
        plot.save(path("title.svg"))
        check.contains(shown(bytes_of(path("title.svg"))), "train_loss \"q\" %d \\ {^a}_b")
    end
    plot.loss { ["`touch " .. mark .. "`"] = r, ["EOD"] = r }
    plot.save(path("title.svg"))
    check.contains(shown(bytes_of(path("title.svg"))), "`touch " .. mark .. "`")
    check.ok(not exists(mark), "a title ran a command")

    -- Random texts, from a fixed generator: no error, no command.
    local pieces = {
        "`", "'", '"', "\\", "$", "%", "@", "{", "}", "_", "^", "~", "&", "#", ";", "!", "\n", "\t",
        "EOD", "é", "\xFF", "\0", "\27", "₀", "²", " ", "touch " .. mark, "$(",
    }
    local state = 12345
    local function next_number(n)
        state = (state * 1103515245 + 12345) % 2147483648
        return state // 65536 % n + 1
    end
    for _ = 1, 40 do
        local parts = {}
        for k = 1, 12 do parts[k] = pieces[next_number(#pieces)] end
        plot.lines { y = { 1, 2, 3 }, title = table.concat(parts), labels = { table.concat(parts) },
                     x_label = table.concat(parts, " ") }
        plot.save(path("random.png"), { size = { 200, 150 } })
    end
    check.ok(not exists(mark), "a title ran a command")
end)

check.test("a gnuplot that was killed is started anew", function()
    plot(data.line12)
    plot.save(path("k.png"))
    local first = check.ok(gnuplot.process_id(), "a process is kept")
    plot.save(path("k.png"))
    check.equal(gnuplot.process_id(), first, "the same one")
    assert(os.execute("kill -9 " .. first))
    plot.save(path("k.png"))
    local second = gnuplot.process_id()
    check.ok(second and second ~= first, "another one")
    check.equal(bytes_of(path("k.png")):sub(-8), "IEND\xAEB`\x82")
    gnuplot.stop()
    check.equal(gnuplot.process_id(), nil)
    for _, id in ipairs { first, second } do
        check.ok(not exists(("/proc/%d/stat"):format(id)), "a zombie is left")
    end
end)

check.test("a gnuplot that hangs is ended in time", function()
    plot(data.line12)
    plot.save(path("h.png"))
    local first = gnuplot.process_id()
    assert(os.execute("kill -STOP " .. first))
    local usual <const> = gnuplot.seconds
    local _ <close> = setmetatable({}, { __close = function() gnuplot.seconds = usual end })
    gnuplot.seconds = 0.3 * usual -- what a loaded machine needs for the second one
    local before = core.host.clock()
    plot.save(path("h.png"))
    check.ok(core.host.clock() - before < 0.9 * usual, "it took too long")
    check.different(gnuplot.process_id(), first)
end)

check.test("an error in a script is told and leaves the next plot alone", function()
    local out, reason, errno = gnuplot.run("set terminal svg\nplot [0:1] 0/0\n", 5)
    check.equal(out, nil)
    check.contains(reason, "all points y value undefined")
    check.ok(errno ~= 0, "gnuplot's own number")
    out, reason = gnuplot.run("set multiplot layout 1,2\nplot x\nplot nonsense(\n", 5)
    check.equal(out, nil)
    check.ok(#reason > 0, "a reason")
    plot(data.line12)
    plot.save(path("e.png"))
    local again = bytes_of(path("e.png"))
    gnuplot.stop()
    plot.save(path("e.png"))
    check.ok(bytes_of(path("e.png")) == again, "as from a fresh process")
end)

check.test("many plots leave the number of descriptors and processes as it was", function()
    -- The shell that lists our descriptors is a child of ours.
    local function descriptors()
        collectgarbage() -- files that earlier tests left to the collector
        return #lines_of("sleep 0.1; ls /proc/$PPID/fd") -- popen has closed its own copy by then
    end
    local function children()
        return #lines_of("pgrep -x gnuplot -P $PPID")
    end
    plot.lines { y = { 1, 2, 3 } }
    plot.save(path("n.png"), { size = { 150, 120 } })
    local files, processes = descriptors(), children()
    for _ = 1, 200 do
        plot.lines { y = { 1, 2, 3 } }
        plot.save(path("n.png"), { size = { 150, 120 } })
    end
    check.equal(descriptors(), files)
    check.ok(children() <= processes + 0, "one gnuplot")
end)

check.test("a canvas sends a surface once, and all again to a new gnuplot", function()
    local scene = require "descent.plot.scene"
    local stage = scene.new(core.descend(L, optim.gd { alpha = 0.01 }, { start = { 1.6, -0.5 } }),
        { ahead = 50, n = 60 })
    local canvas = gnuplot.canvas("png")
    local sent, run = {}, canvas.process.run
    canvas.process.run = function(self, script, ...)
        return run(self, type(script) == "string" and script or function(fresh)
            sent[#sent + 1] = script(fresh)
            return sent[#sent]
        end, ...)
    end
    local how = { size = { 640, 360 }, theme = "dark" }
    for i = 1, 4 do
        stage.run:step()
        local bytes = assert(canvas:draw(stage:frame(), how))
        check.equal(bytes:sub(1, 4), "\137PNG")
        check.ok((sent[i]:find("$surface1 <<", 1, true) ~= nil) == (i == 1), "frame " .. i)
        check.ok((sent[i]:find("set table", 1, true) ~= nil) == (i == 1), "contours " .. i)
    end
    check.ok(#sent[4] < #sent[1] / 2, "a frame is the path and the model")
    local process = canvas:process_id()
    os.execute("kill -9 " .. process)
    assert(canvas:draw(stage:frame(), how))
    check.ok(canvas:process_id() ~= process, "another gnuplot")
    check.contains(sent[#sent], "$surface1 <<")
    -- A plot without the surface: the frame after it takes it out of gnuplot's memory.
    plot(data.line12)
    local full = require("descent.plot.output").last()
    assert(canvas:draw(full, how))
    assert(canvas:draw(full, how))
    check.contains(sent[#sent], "undefine $surface1 $contours1")
    -- An error leaves nothing open, and the next frame is whole.
    local bad = canvas.process:run("plot nonsense(", 5, true)
    check.ok(not bad)
    assert(canvas:draw(stage:frame(), how))
    canvas:close()
    check.ok(not canvas:process_id())
end)

check.test("sixels: whole, and of the size asked for", function()
    plot(r)
    local full = require("descent.plot.output").last()
    local bytes, reason = gnuplot.picture(full, "sixel", { size = { 300, 200 }, theme = "dark" })
    if not bytes then return check.contains(reason, "sixelgd") end
    check.equal(bytes:match("^\27P[%d;]*q\"1;1;(%d+;%d+)"), "300;200")
    check.equal(bytes:match("\27\\"), "\27\\")
end)

check.test("what a terminal is sent: base64 in pieces, sizes that fit its window", function()
    local picture = require "descent.plot.picture"
    local host = core.host
    -- RFC 4648, section 10
    for plain, coded in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
                                fooba = "Zm9vYmE=", foobar = "Zm9vYmFy",
                                ["\255\254\0"] = "//4A" } do
        check.equal(host.base64(plain), coded)
    end
    local sent = picture.encode("kitty", ("x"):rep(5000), { 1, 1 })
    local count, text = 0, {}
    for keys, part in sent:gmatch("\27_G([^;]*);([^\27]*)\27\\") do
        count = count + 1
        text[count] = part
        check.ok(#part <= 4096)
        check.equal(keys, count == 1 and "a=T,f=100,q=2,m=1" or "m=0")
    end
    check.equal(count, 2)
    check.equal(table.concat(text), host.base64(("x"):rep(5000)))
    sent = picture.encode("iterm", "xyz", { 640, 360 })
    check.equal(sent, "\27]1337;File=inline=1;size=3;width=640px;height=360px:eHl6\7")
end)

check.test("a script stands alone", function()
    for name, draw in pairs {
        run = function() plot(r) end,
        losses = function() plot.loss { a = r, b = r, log = true } end,
        curve = function() plot.curve { function(x) return x^2 end, at = 1 } end,
        data = function() plot(data.line12, data.gabor30) end,
        arrows = function() plot.arrows { r, arrows = 5 } end,
        terms = function() plot.terms(r) end,
        schedule = function() plot.schedule(core.schedule.constant(0.1)) end,
        weights = function() plot.weights { optim.adam {}, steps = 5 } end,
        differences = function()
            plot.differences { math.exp, at = 0, derivative = math.exp }
        end,
        bars = function() plot.bars { { 1, -2 }, { 3, 1 }, labels = { "a`b", "c" } } end,
        histogram = function() plot.histogram { { 1, 2, 2, 3 } } end,
        image = function() plot.image { core.eye(3) } end,
        landscape = function() plot.surface3d { r, n = 20 } end,
        bracket = function() plot.bracket { function(x) return (x - 0.3)^2 end } end,
        regions = function()
            plot.regions { model.logistic(2), phi = { 0, 1, 2 }, n = 20,
                data.new { x = { { 0, 0 }, { 1, 1 } }, y = { 0, 1 } } }
        end,
    } do
        draw()
        plot.save(path(name .. ".gp"))
        -- (Where the locale is not UTF-8, gnuplot warns that it cannot convert the degree sign.)
        local output = lines_of(
            ("cd / && LC_ALL=C.UTF-8 gnuplot -d -e 'set terminal svg' '%s' 2>&1 >'%s'")
            :format(path(name .. ".gp"), path(name .. "_gp.svg")))
        check.equal(table.concat(output, "\n"), "")
        check.matches(bytes_of(path(name .. "_gp.svg")), "</svg>%s*$")
    end
    check.equal(plot.script():match("^# [^\n]*"),
        "# A plot of descent. To see it:   gnuplot -persist FILE")
end)

check.test("a run that went beyond all bounds is drawn as far as it can be", function()
    -- (Its last words go to the error stream.)
    local astray = core.descend(L, optim.gd { alpha = 3 }, { start = { 1, 1 } })
    astray:step(300)
    local top = astray.trace.loss:max()
    check.ok(top > 1e150 or top ~= top, "diverged")
    for _, draw in ipairs { plot.loss, plot.surface, plot.run, plot.terms } do
        draw(astray)
        plot.save(path("astray.svg"))
        check.matches(bytes_of(path("astray.svg")), "</svg>%s*$")
    end
end)

check.test("tiles with nothing between them are drawn", function()
    plot.image { core.eye(4), shape = { 2, 2 } }
    plot.save(path("tiles.svg"))
    check.matches(bytes_of(path("tiles.svg")), "</svg>%s*$")
end)

check.test("a film: its frames, the same bytes again, and the run as it was", function()
    local before = r.phi:table()
    plot.record(path("run.gif"), r, { frames = 4, size = { 600, 300 }, fps = 10 })
    local bytes = bytes_of(path("run.gif"))
    check.equal({ bytes:sub(1, 6), bytes:sub(-1) }, { "GIF89a", ";" })
    check.equal({ string.unpack("<I2I2", bytes, 7) }, { 600, 300, 11 })
    -- A graphics control extension before each frame, with the delay of 10/100 s.
    local _, frames = bytes:gsub("!\xF9\x04.\x0A\0.\0", "")
    check.equal(frames, 4)
    plot.record(path("again.gif"), r, { frames = 4, size = { 600, 300 }, fps = 10 })
    check.ok(bytes_of(path("again.gif")) == bytes, "the same bytes")
    check.equal({ r.t, r.phi:table() }, { 100, before })
    check.contains(plot.describe(), "t = 100")
    check.raises(function() plot.record(path("none/run.gif"), r, { frames = 2 }) end,
        path("none/run.gif"), "no such file or folder")
    check.raises(function() plot.record(path("run.png"), r) end, "must end in .gif")
    check.raises(function() plot.record(path("run.gif"), data.line12) end, "a dataset")
    check.raises(function() plot.record(path("run.gif"), r, { fps = 1000 }) end, "fps", "50")
    check.raises(function()
        plot.record(path("run.gif"), core.descend(L, optim.gd { alpha = 1 }, { start = { 0, 0 } }))
    end, "t = 0")
end)

check.test("a text file has the size asked for and no escape codes", function()
    plot(r)
    plot.save(path("a.txt"), { size = { 100, 30 } })
    local rows = 0
    for line in io.lines(path("a.txt")) do
        rows = rows + 1
        check.ok(require("descent.terminal").width(line) <= 100, line)
        check.ok(not line:find("\27"), line)
    end
    check.equal(rows, 30)
end)

gnuplot.stop()
os.execute("rm -r '" .. folder .. "'")

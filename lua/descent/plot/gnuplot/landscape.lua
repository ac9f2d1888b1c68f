-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- A surface in 3D: the mesh, contour lines below it, the paths a little above.

local description = require "descent.plot.description"
local layers = require "descent.plot.gnuplot.layers"
local theme = require "descent.plot.theme"
local words = require "descent.plot.gnuplot.words"
local writer = require "descent.plot.gnuplot.writer"

local finite = description.finite

-- With depth order the paths would be hidden entirely: the surface is drawn from the back to the
-- front.
return function(out, panel, look, box)
    local image = panel.image
    local low, high = image.low, image.high
    local block = out:image(image)
    out:add("unset lmargin; unset rmargin; unset tmargin; unset bmargin")
    out:add("set view %s,%s,1,1.12", words.number(panel.view[1]), words.number(panel.view[2]))
    out:add("set xyplane relative 0.35; set border 895 lc rgb %s", words.colour(look.edge))
    out:add("set grid x y lc rgb %s; unset colorbox", words.colour(look.grid))
    out:add("set pm3d scansautomatic border lc rgb '#a0000000' lw 0.3")
    out:add("set zlabel %s rotate parallel tc rgb %s",
        image.label ~= "" and words.text(image.label) or "''", words.colour(look.text))
    out:add("%s logscale z; %s logscale cb", image.log and "set" or "unset",
        image.log and "set" or "unset")
    local least, most = words.number(low, 15), words.number(high, 15)
    out:add("set zrange [%s:%s]; set cbrange [%s:%s]", least, most, least, most)
    out:add("set ztics %s", words.ticks({ range = { low, high }, log = image.log }, 5))
    out:add("set xlabel offset 0,-0.5; set ylabel offset 1,0; set palette maxcolors 0")
    local levels = {}
    for k = 1, 12 do
        local share = k / 13
        local level = image.log and low * (high / low) ^ share or low + (high - low) * share
        levels[k] = words.number(level, 15)
    end
    out:add("set contour base; set cntrlabel onecolor; set cntrparam levels discrete %s",
        table.concat(levels, ","))
    local commands = {
        ("%s %s with lines lw 0.8 lc rgb %s nosurface notitle"):format(block, writer.matrix,
            words.colour(look.edge)),
        ("%s %s with pm3d nocontour notitle"):format(block, writer.matrix),
    }
    local ends, named = {}, false
    for _, layer in ipairs(panel.layers) do
        if layer.kind == "path" and layer.z then
            local z, first, last = {}, nil, nil
            for i = 1, layer.count do
                local value = layer.z[i]
                local inside = finite(value) and finite(layer.x[i]) and finite(layer.y[i])
                    and layer.x[i] >= panel.x.range[1] and layer.x[i] <= panel.x.range[2]
                    and layer.y[i] >= panel.y.range[1] and layer.y[i] <= panel.y.range[2]
                if inside then
                    z[i] = image.log and math.min(high, math.max(low, value) * (high / low) ^ 0.012)
                        or math.min(high, value + 0.012 * (high - low))
                    first, last = first or i, i
                else
                    z[i] = 0 / 0
                end
            end
            local colour = words.colour(theme.paths[layer.colour])
            local path = out:columns(layer.x, layer.y, z)
            local format = "%s using 1:2:3 with lines lw %g lc rgb %s nocontour %s"
            commands[#commands + 1] = format:format(path, 5, "'#000000'", "notitle")
            commands[#commands + 1] = format:format(path, 2.8, colour, layers.legend(layer))
            named = true
            if first then
                local function mark(i, point, fill)
                    local at = out:columns({ layer.x[i] }, { layer.y[i] }, { z[i] })
                    for k, width in ipairs { 1.9, 1.4 } do
                        table.insert(ends, ("%s using 1:2:3 with points pt %d %s lc rgb %s "
                            .. "nocontour notitle"):format(at, point, layers.size(look, width),
                            k == 1 and "'#000000'" or fill))
                    end
                end
                if last ~= first then mark(last, 7, colour) end
                mark(first, 5, "'#ffffff'")
            end
        end
    end
    table.move(ends, 1, #ends, #commands + 1, commands)
    if named then
        out:add("set key at screen %.4f,%.4f left top vertical Left reverse nobox noopaque tc rgb "
            .. "%s samplen 2 spacing 1.15", box.left + 0.03, box.top - 0.05,
            words.colour(look.text))
    else
        out:add("unset key")
    end
    out:add("splot %s", table.concat(commands, ", \\\n      "))
end

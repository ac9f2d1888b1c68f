/* SPDX-License-Identifier: GPL-3.0-or-later */
/* descent.h: all of libdescent, in the order in which data flows. Installed as <descent/descent.h>;
 * `pkg-config --cflags --libs descent` says the rest.
 *
 *     context_init(&context);
 *     dataset_new or dataset_read, model_new, objective_build -> objective_gradient
 *     optimizer_new, run_new -> run_step, run_phi
 *     ..._release for each, context_free last
 *
 * Every function that can fail returns an enum status and fills a struct error (base/error.h).
 * scripts/examples/library.c is a whole program; it is installed with the documentation.
 */
#ifndef DESCENT_DESCENT_H
#define DESCENT_DESCENT_H

#include "base/context.h"
#include "base/doc.h"
#include "base/error.h"
#include "base/generator.h"
#include "base/memory.h"
#include "base/version.h"

#include "array/array.h"
#include "array/linear_algebra.h"

#include "dataset/dataset.h"
#include "dataset/maker.h"
#include "dataset/sampler.h"
#include "dataset/transform.h"

#include "graph/evaluate.h"
#include "graph/formula.h"
#include "graph/graph.h"
#include "graph/rewrite.h"
#include "graph/tape.h"

#include "model/model.h"

#include "loss/loss.h"
#include "loss/penalty.h"

#include "objective/build.h"
#include "objective/objective.h"

#include "optimizer/bracket.h"
#include "optimizer/optimizer.h"
#include "optimizer/schedule.h"

#include "run/run.h"
#include "run/saved.h"

#include "host/file.h"
#include "host/process.h"
#include "host/terminal.h"

#endif

#pragma once

// One function per form of the matrix, each in its own file. net_matrix.cc has the table that leads to them.

#include "report/net.h"

namespace gantry::report {

struct MatrixJob {
  const netpol::Matrix& matrix;
  const MatrixStyle& style;
  const Sink& sink;
  std::stop_token stop;
};

void write_matrix_text(const MatrixJob& job);
void write_matrix_csv(const MatrixJob& job);
void write_matrix_json(const MatrixJob& job);
void write_matrix_dot(const MatrixJob& job);
void write_matrix_svg(const MatrixJob& job);
void write_matrix_grid(const MatrixJob& job);

}  // namespace gantry::report

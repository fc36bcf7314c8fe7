// Aligned columns of text.
#ifndef JETTYFLEET_CLIENT_RENDER_TABLE_H_
#define JETTYFLEET_CLIENT_RENDER_TABLE_H_

#include <string>
#include <vector>

#include "client/render/text.h"

namespace jettyfleet {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// A value. Columns are as wide as their widest cell, two spaces apart; lines have no trailing spaces. Cells are made
// harmless; an empty one prints as nothing.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  // One cell per column.
  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // Every line begins with `indent` and ends with a line break.
  std::string Render(bool colour, absl::string_view indent = "") const;

 private:
  std::string Line(const std::vector<Cell>& cells, bool colour, absl::string_view indent) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_CLIENT_RENDER_TABLE_H_

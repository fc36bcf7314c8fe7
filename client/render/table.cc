#include "client/render/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace jettyfleet {

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(DisplayWidth(column.title));
}

void Table::AddRow(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i].text = Harmless(cells[i].text);
    widths_[i] = std::max(widths_[i], DisplayWidth(cells[i].text));
  }
  rows_.push_back(std::move(cells));
}

std::string Table::Render(bool colour, absl::string_view indent) const {
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.push_back({column.title, Tone::kFaint});
  std::string out = Line(titles, colour, indent);
  for (const std::vector<Cell>& row : rows_) out += Line(row, colour, indent);
  return out;
}

std::string Table::Line(const std::vector<Cell>& cells, bool colour, absl::string_view indent) const {
  std::string line(indent);
  std::size_t pending = 0;  // spaces that are only written when something follows them
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t gap = widths_[i] - DisplayWidth(cells[i].text);
    const bool right = columns_[i].align == Align::kRight;
    if (right) pending += gap;
    if (!cells[i].text.empty()) {
      absl::StrAppend(&line, std::string(pending, ' '), Paint(cells[i].text, cells[i].tone, colour));
      pending = 0;
    }
    pending += (right ? 0 : gap) + 2;
  }
  return line + "\n";
}

}  // namespace jettyfleet

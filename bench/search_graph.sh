#!/bin/sh
# Measures the graph of an index and prints the tables of docs/SEARCH.md; draws docs/search_graph.png
# if gnuplot is installed.
#
#   cmake --build build/release --target search_graph && bench/search_graph.sh
#   bench/search_graph.sh FILE.csv    from an earlier run's CSV, which is kept as search_graph.csv
set -eu
cd "$(dirname "$0")/.."
csv=${1:-}
if [ -z "$csv" ]; then
  csv=${TMPDIR:-/tmp}/search_graph.csv
  OMP_WAIT_POLICY=PASSIVE "${BUILD:-build/release}/search_graph" > "$csv"
fi
sed -n '1s/^# //p' "$csv"

echo
echo '| M | ef_construction | to build | graph | recall@10 and time of a query, by ef_search |  |  |  |  |  |'
echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |'
awk -F, '
  $1 == "options" && !($4 in seen) { seen[$4] = 1; head = head " | " $4 }
  $1 == "options" {
    key = $2 " | " $3
    if (!(key in row)) { order[++n] = key; row[key] = sprintf("%.0f s | %.1f MB", $7, $8) }
    row[key] = row[key] sprintf(" | %.1f %%, %.2f ms", 100 * $6, $5)
  }
  END {
    print "| | | |" head " |"
    for (i = 1; i <= n; ++i) print "| " order[i] " | " row[order[i]] " |"
  }' "$csv"

echo
echo '| copies | of | distinct | recall@10 | find themselves | to build | to find the copies |'
echo '| --- | --- | --- | --- | --- | --- | --- |'
awk -F, '$1 == "copies" {
    printf "| %g %% | %d image%s | %d | %.1f %% | %.1f %% | %.0f s | %.2f s |\n",
           100 * $2, $3, ($3 == 1 ? "" : "s"), $4, 100 * $5, 100 * $6, $7, $8
  }' "$csv"

if ! command -v gnuplot > /dev/null; then
  echo 'gnuplot is not installed: no plot' >&2
  exit 0
fi
gnuplot <<PLOT
set terminal pngcairo size 900,560 font 'DejaVu Sans,11'
set output 'docs/search_graph.png'
set datafile separator ','
set title 'Recall and time of a query by M, ef\\_construction and ef\\_search'
set xlabel 'milliseconds of processor time a query'
set ylabel 'recall\\@10'
set logscale x
set grid
set key bottom right
of(m, c) = sprintf("< awk -F, '\$1 == \"options\" && \$2 == %d && \$3 == %d' $csv", m, c)
plot of(8, 100)  using 5:6 with linespoints lc 1 dt 3 pt 1 title 'M 8, ef\\_construction 100', \\
     of(8, 200)  using 5:6 with linespoints lc 1 dt 1 pt 5 title 'M 8, 200', \\
     of(8, 400)  using 5:6 with linespoints lc 1 dt 2 pt 4 title 'M 8, 400', \\
     of(16, 100) using 5:6 with linespoints lc 2 dt 3 pt 1 title 'M 16, 100', \\
     of(16, 200) using 5:6 with linespoints lc 2 dt 1 pt 5 title 'M 16, 200 (default)', \\
     of(16, 400) using 5:6 with linespoints lc 2 dt 2 pt 4 title 'M 16, 400', \\
     of(32, 100) using 5:6 with linespoints lc 3 dt 3 pt 1 title 'M 32, 100', \\
     of(32, 200) using 5:6 with linespoints lc 3 dt 1 pt 5 title 'M 32, 200', \\
     of(32, 400) using 5:6 with linespoints lc 3 dt 2 pt 4 title 'M 32, 400'
PLOT
echo docs/search_graph.png >&2

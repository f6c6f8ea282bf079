#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <string_view>

namespace unclip {

/// EXIF is a TIFF structure: a header, and directories of entries (tag, type, count, value).
/// CIPA DC-008-2012, sections 4.5 and 4.6, https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf
/// All functions take any bytes. Values past the end count as absent, and so does everything if the
/// bytes are not TIFF.

/// The value of the tag Orientation in the first directory. It may have any numeric type; of
/// several values the first counts. 1 for a value other than 1 to 8; nothing if there is no such
/// entry.
std::optional<int> exif_orientation(std::string_view exif);

/// The text of the tag UserComment in the EXIF directory, as UTF-8: ASCII, or UTF-16 in the
/// structure's order of bytes. Nothing if there is no such entry, or if it has another character
/// code.
std::optional<std::string> exif_user_comment(std::string_view exif);

/// EXIF that holds only a UserComment: UTF-8 -> UTF-16 with the character code UNICODE, as
/// AUTOMATIC1111's web UI writes it. The text is shortened if the EXIF would have more than `most`
/// bytes.
std::string exif_with_user_comment(std::string_view utf8, size_t most);

/// Rotates and mirrors an image that is stored in `orientation`, so that it is upright: (3, H, W)
/// -> (3, H, W), or (3, W, H) if the orientation is 5 or more.
at::Tensor upright(const at::Tensor& picture, int orientation);

}  // namespace unclip

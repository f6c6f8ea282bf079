#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <string_view>

namespace unclip {

/// EXIF is a TIFF structure: a header, and directories of entries (tag, type, count, value).
/// CIPA DC-008-2012, sections 4.5 and 4.6, https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf
/// All functions take any bytes; what is past their end, or no TIFF at all, is as absent.

/// The value of the tag Orientation in the first directory, of any numeric type, the first of
/// several values. 1 for a value other than 1 to 8; nothing if there is no such entry.
std::optional<int> exif_orientation(std::string_view exif);

/// The text of the tag UserComment in the EXIF directory, as UTF-8: ASCII, or UTF-16 in the
/// structure's order of bytes. Nothing if there is no such entry, or its code is another.
std::optional<std::string> exif_user_comment(std::string_view exif);

/// EXIF that holds a UserComment only: UTF-8 -> UTF-16 with the code UNICODE, as AUTOMATIC1111's
/// web UI writes it. Characters are left out from the end if it would have more than `most` bytes.
std::string exif_with_user_comment(std::string_view utf8, size_t most);

/// Turns and mirrors an image that is stored by `orientation`, so that it stands upright:
/// (3, H, W) -> (3, H, W), from 5 on (3, W, H)
at::Tensor upright(const at::Tensor& picture, int orientation);

}  // namespace unclip

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1

/// nginx's own pages, which answer what never becomes a request to the API.
enum ErrorPage {
  static func response(_ error: HeadError) -> AdminResponse {
    switch error.kind {
    // nginx has a number for it that clients never see.
    case .fieldLineTooLong, .headTooLong, .tooManyFields:
      Self.response(400, title: "Request Header Or Cookie Too Large", remark: "Request Header Or Cookie Too Large")
    default: Self.response(Int(error.status))
    }
  }

  static func response(_ status: Int) -> AdminResponse { Self.response(status, title: Self.reason(status)) }

  private static func response(_ status: Int, title: String, remark: String? = nil) -> AdminResponse {
    let heading = remark == nil ? "\(status) \(title)" : "\(status) \(Self.reason(status))"
    var lines = ["<html>", "<head><title>\(status) \(title)</title></head>", "<body>"]
    lines.append("<center><h1>\(heading)</h1></center>")
    if let remark { lines.append("<center>\(remark)</center>") }
    lines += ["<hr><center>openresty</center>", "</body>", "</html>", ""]
    var response = AdminResponse(status: status)
    response.contentType = "text/html"
    response.body = Array(lines.joined(separator: "\r\n").utf8)
    return response
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 405: "Not Allowed"
    case 408: "Request Time-out"
    case 413: "Request Entity Too Large"
    case 414: "Request-URI Too Large"
    case 503: "Service Temporarily Unavailable"
    default: "\(HeadWriter.statusReason(UInt16(clamping: status)))"
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// What plugins read of requests.
extension Target {
  static let ofPlugins: [Target] = [
    Target(
      name: "query", stepsPerByte: 150, seeds: ["a=1&b=%20x+y&c", "&&=&a=b=c&%zz", "k=1&k=2&k"],
      run: { text in
        _ = FormText.removing("k", from: text)
        var arguments = FormArguments(text)
        arguments.apply(Target.operations)
        _ = arguments.encodedInOrder()
      }),
    Target(
      name: "multipart", stepsPerByte: 100,
      seeds: [
        "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\n1\r\n--B--\r\n",
        "--B\nContent-Disposition: form-data;\n name=a\n\nx\n--B\n\n--B", "--B\r\n: \r\n \r\n\t\r\n\r\n-----B",
      ],
      run: { text in
        var form = MultipartForm(text, boundary: Array("B".utf8))
        _ = try? form.apply(Target.operations)
        _ = form.encoded()
        _ = MultipartForm.boundary(of: text)
      }),
    Target(
      name: "token", stepsPerByte: 50,
      seeds: ["eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln", "e30.e30.", "eyJjcml0IjpbImEiXX0.e30.x"],
      run: { text in
        if let token = try? SignedToken.read(text).get() { _ = token.value(of: "iss") }
        _ = BearerField.token(in: text.span)
      }),
    Target(
      name: "cookie", stepsPerByte: 100, seeds: ["session=a.b.c; x=1, session = d;;", "session", "SESSION=;session="],
      run: { text in CookieLine.values(of: Array("session".utf8), in: text) { _ in } }),
    Target(
      name: "authorization", stepsPerByte: 100,
      seeds: [
        #"hmac username="a", algorithm="hmac-sha256", headers="date  @request-target", signature="AAAA""#,
        "Basic YTpi", "Bearer   x", "basic basic ======", #"signature="signature="signature="#,
      ],
      run: { text in
        _ = SignatureParameters(text.span)
        _ = BasicCredentials(text.span)
        _ = BearerField.token(in: text.span)
        _ = HTTPDate(String(decoding: text, as: UTF8.self))
      }),
    Target(
      name: "template", stepsPerByte: 500,
      seeds: [
        "/a/$(headers.x or query_params['y'] .. 'z')/$(uri_captures[1])", "$($($(",
        "$(type(a) == 'b' and f{1, [2] = 3})",
        "$(((((1)))))", "$(function() if x then repeat y() until z end end)", "$([==[ ]=] ]==])",
      ],
      run: { text in
        guard let template = try? Template(String(decoding: text, as: UTF8.self)) else { return }
        var scope = TemplateScope()
        _ = try? template.render(&scope)
        scope.place = .target
        _ = (try? template.render(&scope)).map(TargetPath.climbs)
      }),
  ]

  private static let operations = RenderedOperations(
    remove: ["a", "x"], rename: [.init(name: "b", value: "c")], replace: [.init(name: "c", value: "1")],
    add: [.init(name: "d", value: "2")], append: [.init(name: "d", value: "3")])
}

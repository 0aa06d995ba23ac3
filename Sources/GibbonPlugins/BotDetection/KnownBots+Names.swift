// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension KnownBots {
  /// Names that programs give themselves in `User-Agent`, and that do not end like a robot's: those need no place here.
  ///
  /// A list of Gibbon's own, by what the operators say themselves. What checks the health of nodes for load balancers
  /// and clusters is left out on purpose, and so are the libraries of telephone apps.
  static let names =
    Self.searchEngines + Self.previews + Self.assistants + Self.auditors + Self.monitors + Self.readers
    + Self.downloaders + Self.scanners + Self.libraries

  private static let searchEngines = [
    "APIs-Google", "BingPreview", "Daumoa", "Google-InspectionTool", "Google-Read-Aloud", "Google-Safety",
    "Google-Site-Verification", "GoogleOther", "Heritrix", "Mediapartners-Google", "Nutch", "Qwantify", "Slurp",
    "Teoma", "YandexBlogs", "YandexDirect", "YandexFavicons", "YandexImages", "YandexMedia", "YandexMetrika",
    "YandexNews", "YandexVideo", "YandexWebmaster", "Yeti",
  ]

  /// Fetch a page that somebody has mentioned.
  private static let previews = [
    "Cardyb", "Embedly", "facebookcatalog", "facebookexternalhit", "FlipboardProxy", "Iframely", "SkypeUriPreview",
    "Slack-ImgProxy", "Snap URL Preview Service", "vkShare", "WhatsApp", "XING-contenttabreceiver",
  ]

  /// Gather texts for language models, or for their users.
  private static let assistants = [
    "anthropic-ai", "ChatGPT-User", "Claude-User", "Claude-Web", "cohere-ai", "Gemini-Deep-Research",
    "meta-externalagent", "MistralAI-User", "omgili", "Perplexity-User",
  ]

  /// Look at sites for search engine optimisation, advertising and statistics.
  private static let auditors = [
    "AhrefsSiteAudit", "Barkrowler", "BuiltWith", "linkdex", "LinkChecker", "NetcraftSurveyAgent", "proximic",
    "Seobility", "SEOkicks", "Sitebulb", "Siteimprove", "trendiction", "Turnitin", "W3C-checklink", "W3C_Validator",
    "Xenu",
  ]

  private static let monitors = [
    "Checkly", "Chrome-Lighthouse", "DatadogSynthetics", "Freshping", "GTmetrix", "HetrixTools", "NewRelicPinger",
    "PTST", "Site24x7", "StatusCake", "updown.io", "Uptime-Kuma",
  ]

  private static let readers = [
    "Feedspot", "FreshRSS", "Inoreader", "MagpieRSS", "NewsBlur", "SimplePie", "Superfeedr", "theoldreader.com",
    "Tiny Tiny RSS", "UniversalFeedParser",
  ]

  private static let downloaders = [
    "EmailCollector", "EmailSiphon", "HeadlessChrome", "HTTrack", "Offline Explorer", "PhantomJS", "Scrapy",
    "SiteSucker", "SlimerJS", "Teleport Pro", "WebCopier", "WebZIP",
  ]

  private static let scanners = [
    "CensysInspect", "InternetMeasurement", "masscan", "Nikto", "Nmap Scripting Engine", "Nuclei", "sqlmap", "WPScan",
    "zgrab",
  ]

  /// What a script or a server says that was not given a name.
  private static let libraries = [
    "aiohttp", "Apache-HttpClient", "axios", "Faraday", "Go-http-client", "GuzzleHttp", "http.rb",
    "Jakarta Commons-HttpClient", "Java-http-client", "Java/", "libwww-perl", "lwp-trivial", "Mechanize", "node-fetch",
    "node-superagent", "PycURL", "python-httpx", "python-requests", "Python-urllib", "RestSharp", "Typhoeus",
  ]
}

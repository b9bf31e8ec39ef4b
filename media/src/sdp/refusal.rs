//! Why an offer is not answered, each with a stable code and a text in Chinese and English.

/// An offer (or a trickle fragment) the server will not answer. Nothing was allocated for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.code(), self.en())]
pub enum OfferRefusal {
    /// Longer than [`super::offer::OFFER_BYTES_MAX`] or more lines or sections than a browser writes.
    TooLong,
    /// Not a session description at all.
    Malformed,
    /// A description that only makes sense as an answer.
    NotAnOffer,
    /// Media sections that do not share one transport.
    NoBundle,
    /// RTP and RTCP on separate ports.
    NoRtcpMux,
    /// No ICE user name fragment or password, or one of forbidden shape.
    NoIce,
    /// No sha-256 certificate fingerprint.
    NoFingerprint,
    /// Neither a video codec (VP8, H.264 constrained baseline) nor Opus in common.
    NoCodec,
    /// No audio or video section flowing in the direction this connection is for.
    NoMedia,
    /// More media sections than [`super::offer::SECTIONS_MAX`].
    TooManySections,
    /// The peer the fragment is for is not connected.
    UnknownPeer,
    /// The server holds as many peers as it may.
    Full,
}

impl OfferRefusal {
    /// Stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "media.offer_too_long",
            Self::Malformed => "media.offer_malformed",
            Self::NotAnOffer => "media.not_an_offer",
            Self::NoBundle => "media.no_bundle",
            Self::NoRtcpMux => "media.no_rtcp_mux",
            Self::NoIce => "media.no_ice_credentials",
            Self::NoFingerprint => "media.no_fingerprint",
            Self::NoCodec => "media.no_usable_codec",
            Self::NoMedia => "media.no_usable_media",
            Self::TooManySections => "media.too_many_sections",
            Self::UnknownPeer => "media.unknown_peer",
            Self::Full => "media.full",
        }
    }

    /// Text for people, Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::TooLong => "会话描述过长，上限为 64 KiB",
            Self::Malformed => "会话描述格式不正确",
            Self::NotAnOffer => "需要会话请求（offer），收到的不是",
            Self::NoBundle => "所有媒体必须复用同一传输（BUNDLE）",
            Self::NoRtcpMux => "RTP 与 RTCP 必须复用同一端口（rtcp-mux）",
            Self::NoIce => "缺少有效的 ICE 用户名片段或口令",
            Self::NoFingerprint => "缺少 sha-256 证书指纹",
            Self::NoCodec => {
                "没有共同支持的编解码器，请提供 VP8、H.264 约束基线（packetization-mode=1）或 Opus"
            }
            Self::NoMedia => "没有可用的音频或视频，请检查收发方向",
            Self::TooManySections => "媒体段过多，上限为 64",
            Self::UnknownPeer => "该媒体连接不存在或已断开，请重新建立",
            Self::Full => "媒体服务器连接数已满，请稍后再试",
        }
    }

    /// Text for people, English.
    pub fn en(self) -> &'static str {
        match self {
            Self::TooLong => "the session description is longer than 64 KiB",
            Self::Malformed => "the session description cannot be read",
            Self::NotAnOffer => "an offer is needed, this is not one",
            Self::NoBundle => "all media must share one transport (BUNDLE)",
            Self::NoRtcpMux => "RTP and RTCP must share one port (rtcp-mux)",
            Self::NoIce => "a valid ICE user name fragment and password are missing",
            Self::NoFingerprint => "a sha-256 certificate fingerprint is missing",
            Self::NoCodec => {
                "no codec in common; offer VP8, H.264 constrained baseline (packetization-mode=1) or Opus"
            }
            Self::NoMedia => "no usable audio or video; check the directions",
            Self::TooManySections => "more than 64 media sections",
            Self::UnknownPeer => "the media connection does not exist or has ended; make a new one",
            Self::Full => "the media server holds as many connections as it may; try again later",
        }
    }
}

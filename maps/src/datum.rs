//! Which earth a coordinate was measured on, and how it gets onto ours (WGS-84, which CGCS2000 equals to 0.1 m).
//!
//! The datum of an import is declared, never guessed: at Changchun GCJ-02 lies 520 m east and 270 m north.

use serde::{Deserialize, Serialize};

use crate::geom::{Area, LonLat, NotAPlace, Polygon, Shape};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    Wgs84,
    Cgcs2000,
    Gcj02,
    Bd09,
}

impl Datum {
    pub const ALL: [Self; 4] = [Self::Wgs84, Self::Cgcs2000, Self::Gcj02, Self::Bd09];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wgs84 => "wgs84",
            Self::Cgcs2000 => "cgcs2000",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|datum| datum.as_str() == text)
    }

    /// Converts to WGS-84.
    ///
    /// Whoever declares GCJ-02 or BD-09 says that the offset was applied: it is undone wherever the place lies,
    /// because a rough outline of the mainland would leave places near the border 500 m wrong.
    pub fn to_wgs84(self, place: LonLat) -> Result<LonLat, NotAPlace> {
        let (lon, lat) = match self {
            Self::Wgs84 | Self::Cgcs2000 => return Ok(place),
            Self::Gcj02 => coordtransform::gcj02_to_wgs84_in_mainland(place.lon(), place.lat()),
            Self::Bd09 => {
                let (lon, lat) = coordtransform::bd09_to_gcj02(place.lon(), place.lat());
                coordtransform::gcj02_to_wgs84_in_mainland(lon, lat)
            }
        };
        LonLat::new(lon, lat)
    }

    pub fn shape_to_wgs84(self, shape: &Shape) -> Result<Shape, NotAPlace> {
        let line = |line: &Vec<LonLat>| {
            line.iter()
                .map(|place| self.to_wgs84(*place))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(match shape {
            Shape::Point(place) => Shape::Point(self.to_wgs84(*place)?),
            Shape::Line(lines) => Shape::Line(lines.iter().map(line).collect::<Result<_, _>>()?),
            Shape::Area(area) => {
                let polygons = area
                    .polygons()
                    .map(|polygon| {
                        Ok(Polygon {
                            rings: polygon.rings.iter().map(line).collect::<Result<_, _>>()?,
                        })
                    })
                    .collect::<Result<Vec<_>, NotAPlace>>()?;
                Shape::Area(Area::new(polygons).expect("conversion keeps the number of places"))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gcj02_at_changchun_moves_half_a_kilometre_to_the_south_west() {
        let gcj = LonLat::new(125.3265, 43.8824).unwrap();
        let wgs = Datum::Gcj02.to_wgs84(gcj).unwrap();
        let (east, north) = (
            (gcj.lon() - wgs.lon()) * 80_200.0,
            (gcj.lat() - wgs.lat()) * 111_195.0,
        );
        assert!((450.0..600.0).contains(&east), "{east} m");
        assert!((200.0..340.0).contains(&north), "{north} m");
    }

    #[test]
    fn a_conversion_and_its_reverse_meet_within_a_millimetre() {
        for (lon, lat) in [(125.3245, 43.8868), (121.0, 31.0), (87.6, 43.8)] {
            let (gcj_lon, gcj_lat) = coordtransform::wgs84_to_gcj02_in_mainland(lon, lat);
            let back = Datum::Gcj02
                .to_wgs84(LonLat::new(gcj_lon, gcj_lat).unwrap())
                .unwrap();
            assert!(crate::geom::distance_m(back, LonLat::new(lon, lat).unwrap()) < 0.001);
        }
    }

    #[test]
    fn bd09_lies_further_out_than_gcj02() {
        let place = LonLat::new(125.3245, 43.8868).unwrap();
        let from_bd = Datum::Bd09.to_wgs84(place).unwrap();
        let apart = crate::geom::distance_m(from_bd, place);
        assert!((900.0..1_600.0).contains(&apart), "{apart} m");
    }

    #[test]
    fn every_datum_has_one_name() {
        for datum in Datum::ALL {
            assert_eq!(Datum::parse(datum.as_str()), Some(datum));
        }
        assert_eq!(Datum::parse("GCJ02"), None);
    }
}
